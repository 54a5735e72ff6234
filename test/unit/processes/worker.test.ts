/** The worker process, spoken to as the host does. */
import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { AppError } from '../../../core/errors/index.ts'
import type {
  FromWorker,
  TaskInput,
  TaskName,
  TaskProgress,
  TaskValue,
} from '../../../core/processes/protocol.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyConfig, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

const entry = fileURLToPath(new URL('../../../core/processes/worker.ts', import.meta.url))
let worker: ChildProcess
let place: TinyPlace
let nextId = 0

before(async () => {
  worker = startWorker()
  place = await tinyPlace()
})
after(async () => {
  worker.kill('SIGKILL')
  await place.remove()
})

function startWorker(): ChildProcess {
  return fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

interface Asked<Name extends TaskName> {
  readonly id: string
  readonly progress: TaskProgress[]
  /** @throws AppError that the worker answered. */
  readonly value: Promise<TaskValue<Name>>
}

function ask<Name extends TaskName>(task: Name, input: TaskInput<Name>): Asked<Name> {
  const id = `task-${nextId++}`
  const progress: TaskProgress[] = []
  const value = new Promise<TaskValue<Name>>((resolve, reject) => {
    const listen = (message: FromWorker): void => {
      if (message.id !== id) return
      if (message.type === 'progress') return void progress.push(message.progress)
      worker.off('message', listen)
      if (message.type === 'done') resolve(message.value as TaskValue<Name>)
      else reject(AppError.fromReply(message.error))
    }
    worker.on('message', listen)
  })
  worker.send({ type: 'task', id, task, input })
  return { id, progress, value }
}

describe('the worker', () => {
  it('scans a folder, recognising its format, and opens what it wrote', async () => {
    const { path } = place.dataset
    const indexPath = join(place.folder, 'new', 'index')
    const scanned = await ask('scan', { path, reader: 'auto', options: {}, indexPath }).value
    assert.equal(scanned.reader, 'idx')
    assert.deepEqual(
      scanned.splits.map(({ name, count }) => [name, count]),
      [
        ['train', 22],
        ['val', 9],
      ],
    )
    assert.deepEqual(scanned.imageSize, { width: 8, height: 8, channels: 1 })
    const dataset = { ...place.dataset, indexPath }
    const { bytes, type } = await ask('image', { dataset, split: 'val', index: 8 }).value
    assert.equal(type, 'image/png')
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [8, 8])
  })

  it('makes thumbnails in one go, and says which it cannot', async () => {
    const input = { dataset: place.dataset, split: 'train', indices: [3, 21, 22], size: 64 } as const
    const made = await ask('thumbnail', input).value
    assert.deepEqual(
      made.map(({ index }) => index),
      [3, 21, 22],
    )
    for (const { bytes, problem } of made.slice(0, 2)) {
      assert.equal(problem, '')
      assert.equal((await sharp(bytes!).metadata()).width, 64)
    }
    assert.equal(made[2]!.bytes, null)
    assert.match(made[2]!.problem, /22/)
  })

  it('evaluates a checkpoint with progress, and verifies one', async () => {
    const ports = recorder()
    await train(tinyOrder(place), ports)
    const { path, metrics } = ports.of('checkpoint').at(-1)!.checkpoint
    const asked = ask('evaluate', { checkpointPath: path, dataset: place.dataset, split: null })
    const { split, top1, loss, imageCount } = await asked.value
    assert.deepEqual([split, top1, loss, imageCount], ['val', metrics['val/top1'], metrics['val/loss'], 9])
    assert.equal(asked.progress[0]!.phase, 'loading')
    const { phase, done, total } = asked.progress.at(-1)!
    assert.deepEqual([phase, done, total], ['evaluating', 9, 9])

    assert.equal((await ask('verify-checkpoint', { path }).value).status, 'valid')
    assert.equal(
      (await ask('verify-checkpoint', { path: join(place.folder, 'none') }).value).status,
      'missing',
    )
  })

  it('plans a run', async () => {
    const dataset = {
      classCount: 3,
      splits: [{ name: 'train', count: 22 } as const, { name: 'val', count: 9 } as const],
    }
    const plan = await ask('plan', { config: tinyConfig(), dataset }).value
    assert.deepEqual(plan.issues, [])
    assert.deepEqual([plan.stepsPerEpoch, plan.totalSteps], [5, 10])
    assert.deepEqual(
      plan.learningRate.slice(0, 3).map(({ lr }) => lr),
      [0, 0.025, 0.05],
    )
    assert.equal(plan.learningRate.length, 10)
    const ports = recorder()
    await train(tinyOrder(place, {}, { folder: join(place.folder, 'planned') }), ports)
    const { sizeBytes } = ports.of('checkpoint')[0]!.checkpoint
    // Headers and the state stand beside the tensors.
    assert.ok(plan.checkpointBytes! < sizeBytes && plan.checkpointBytes! > sizeBytes - 20_000)
    // Weights, momentum and gradients at least.
    assert.ok(plan.stepBytes! > 3 * plan.parameterCount! * 4)
  })

  it('plans with every issue of a configuration that cannot be', async () => {
    const dataset = { classCount: 3, splits: [{ name: 'train', count: 3 } as const] }
    const { issues, config } = await ask('plan', {
      config: tinyConfig({ 'training.batchSize': 64 }),
      dataset,
    }).value
    assert.equal(config, null)
    assert.deepEqual(
      issues.map(({ path }) => path),
      ['training.batchSize'],
    )
    const single = { classCount: 3, splits: [{ name: 'train', count: 3, classCounts: [1, 1, 1] } as const] }
    const unheld = await ask('plan', { config: tinyConfig(), dataset: single }).value
    assert.deepEqual(unheld.issues, [
      {
        path: 'data.validationFraction',
        message:
          'no images can be held out for validation, as no class has two or more. Add a folder val/ or more images to the data set',
      },
    ])
    const bad = await ask('plan', {
      config: tinyConfig({ 'training.epochs': 0, 'model.name': 'resnet' }),
      dataset: null,
    }).value
    assert.deepEqual(bad.issues.map(({ path }) => path).sort(), ['model.name', 'training.epochs'])
  })

  it('answers a failed task with the error and goes on', async () => {
    const missing = { ...place.dataset, indexPath: join(place.folder, 'missing.index') }
    await assert.rejects(ask('image', { dataset: missing, split: 'train', index: 0 }).value, {
      code: 'data-unreadable',
    })
    await assert.rejects(ask('nonsense' as 'doctor', {}).value, {
      code: 'invalid-request',
      message: /Known: .*scan/,
    })
    await assert.rejects(ask('constructor' as 'doctor', {}).value, { code: 'invalid-request' })
    assert.equal(
      (await ask('image', { dataset: place.dataset, split: 'train', index: 0 }).value).type,
      'image/png',
    )
  })

  it('cancels a task that waits or runs', async () => {
    const input = {
      path: place.dataset.path,
      reader: 'auto',
      options: {},
      indexPath: join(place.folder, 'cancelled'),
    }
    const first = ask('scan', input)
    const second = ask('scan', input)
    worker.send({ type: 'cancel', id: second.id })
    await first.value
    await assert.rejects(second.value, { code: 'cancelled' })
  })

  it('ends when its host is gone', async () => {
    const own = startWorker()
    await once(own, 'spawn')
    own.disconnect()
    const [code] = (await once(own, 'exit')) as [number]
    assert.equal(code, 0)
  })
})
