/** What a run says and does, on a network small enough for the plain JavaScript backend. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it, mock } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { evaluate } from '../../../core/evaluation/index.ts'
import { crossEntropy } from '../../../core/losses/cross-entropy.ts'
import { listCheckpoints, loadCheckpoint } from '../../../core/checkpoints/index.ts'
import { logLine, train } from '../../../core/training/index.ts'
import type { Point } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type Recorder, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
before(async () => {
  place = await tinyPlace()
})
after(() => place.remove())
afterEach(async () => {
  mock.restoreAll()
  await rm(join(place.folder, 'run'), { recursive: true, force: true })
})

function pointsOf(ports: Recorder): Point[] {
  return ports.of('points').flatMap(({ points }) => points)
}

describe('a run', () => {
  it('reports every step, every validation and every checkpoint, in order', async () => {
    const ports = recorder()
    await train(tinyOrder(place, { 'checkpoints.everySteps': 0 }), ports)
    const [ready] = ports.of('ready')
    assert.deepEqual(
      [ready?.backend, ready?.fromStep, ready?.totalSteps, ready?.stepsPerEpoch],
      ['cpu', 0, 10, 5],
    )
    const trained = pointsOf(ports).filter(({ values }) => 'train/loss' in values)
    assert.deepEqual(
      trained.map(({ step }) => step),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    assert.deepEqual(
      trained.map(({ epoch }) => epoch),
      [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2],
    )
    for (const { values } of trained) {
      assert.ok(values['train/loss']! > 0 && values['train/top1']! >= 0 && values['train/top1']! <= 1)
      assert.equal(values['train/top5'], 1) // of three classes
    }
    // Two steps of warm-up from 0, then half a cosine over the other eight.
    assert.deepEqual(
      trained.slice(0, 3).map(({ values }) => values['train/lr']),
      [0, 0.025, 0.05],
    )
    const validated = pointsOf(ports).filter(({ values }) => 'val/loss' in values)
    assert.deepEqual(
      validated.map(({ step }) => step),
      [5, 10],
    )
    assert.deepEqual(
      ports.of('checkpoint').map(({ checkpoint }) => checkpoint.name),
      ['step-00000005', 'step-00000010'],
    )
    const [, last] = ports.of('checkpoint')
    assert.equal(last!.checkpoint.metrics['val/top1'], validated[1]!.values['val/top1'])
    assert.deepEqual(ports.messages.at(-1), { type: 'finished', outcome: 'finished', step: 10 })
    const phases = new Set(ports.of('phase').map(({ phase }) => phase.phase))
    assert.deepEqual([...phases], ['starting', 'loading', 'warming-up', 'training', 'evaluating', 'saving'])
  })

  it('logs a line every so many steps, and weight decay in the total loss', async () => {
    const ports = recorder()
    await train(tinyOrder(place), ports)
    const lines = ports.logs('info').filter(text => text.startsWith('step:'))
    const form =
      /^step: (\d+) epoch: (\d+\.\d) FPS: (\d+\.\d) loss: (\d+\.\d{3}) total_loss: (\d+\.\d{3}) lr:(\d\.\d{5})$/
    const matches = lines.map(line => form.exec(line))
    assert.deepEqual(
      matches.map(match => match?.[1]),
      ['2', '4', '6', '8', '10'],
    )
    for (const match of matches) assert.ok(Number(match![5]) > Number(match![4]))
    const logged = pointsOf(ports).filter(({ values }) => 'train/totalLoss' in values)
    assert.deepEqual(
      logged.map(({ step }) => step),
      [2, 4, 6, 8, 10],
    )
  })

  it('frees every tensor', async () => {
    await startBackend('cpu')
    const tensorCount = tf.memory().numTensors
    await train(tinyOrder(place), recorder())
    assert.equal(tf.memory().numTensors, tensorCount)
  })

  it('keeps the checkpoints that the rule names, and tells which went', async () => {
    const ports = recorder()
    const rule = { 'checkpoints.keepLast': 1, 'checkpoints.keepBest': 0, 'checkpoints.keepEveryEpochs': 1 }
    await train(tinyOrder(place, rule), ports)
    assert.deepEqual(await listCheckpoints(join(place.folder, 'run', 'checkpoints')), [
      'step-00000010',
      'step-00000005',
    ])
    const removed = ports.of('checkpoint-removed').map(({ name }) => name)
    assert.deepEqual(
      removed,
      [1, 2, 3, 4, 6, 7, 8, 9].map(step => `step-0000000${step}`),
    )
  })

  it('learns', async () => {
    const ports = recorder()
    const longer = { 'training.epochs': 12, 'model.options': { width: 4 }, 'checkpoints.everySteps': 0 }
    await train(tinyOrder(place, longer), ports)
    const top1s = pointsOf(ports).flatMap(({ values }) => ('val/top1' in values ? [values['val/top1']!] : []))
    assert.ok(top1s.at(-1)! >= 0.99, `validation top-1 ${top1s.join(' ')}`)
  })

  it('writes the log line of the originals', () => {
    const figures = {
      step: 12100,
      epoch: 1.2093,
      imagesPerSecond: 469.52,
      loss: 4.6761,
      totalLoss: 5.0512,
      learningRate: 0.044987,
    }
    assert.equal(
      logLine(figures),
      'step: 12100 epoch: 1.2 FPS: 469.5 loss: 4.676 total_loss: 5.051 lr:0.04499',
    )
  })
})

describe('evaluation of a checkpoint', () => {
  for (const [what, counts] of [
    ['a validation split', { train: 22, val: 9 }],
    ['a test split alone', { train: 22, test: 9 }],
    ['images held out of training', { train: 40 }],
  ] as const) {
    it(`repeats the figures of the validation in training, with ${what}`, async () => {
      const own = await tinyPlace(counts)
      try {
        const ports = recorder()
        await train(tinyOrder(own, { 'data.validationFraction': 0.2 }), ports)
        const { values } = pointsOf(ports).findLast(point => 'val/loss' in point.values)!
        const [newest] = await listCheckpoints(join(own.folder, 'run', 'checkpoints'))
        const checkpointPath = join(own.folder, 'run', 'checkpoints', newest!)
        for (const batchSize of [undefined, 1, 7, 100]) {
          const watcher = { progress: () => {}, isCancelled: () => false }
          const figures = await evaluate(
            { checkpointPath, dataset: own.dataset, split: null, batchSize, startBackend },
            watcher,
          )
          assert.equal(figures!.top1, values['val/top1'])
          assert.equal(figures!.top5, values['val/top5'])
          assert.ok(Math.abs(figures!.loss - values['val/loss']!) < 1e-6)
          assert.equal(figures!.imageCount, 'train' in counts && Object.keys(counts).length === 1 ? 8 : 9)
          assert.equal(figures!.skippedCount, 0)
          if (batchSize === undefined) assert.equal(figures!.loss, values['val/loss'])
        }
      } finally {
        await own.remove()
      }
    })
  }

  it('ends when cancelled', async () => {
    await train(tinyOrder(place), recorder())
    const checkpointPath = join(place.folder, 'run', 'checkpoints', 'step-00000010')
    let asked = 0
    const watcher = { progress: () => {}, isCancelled: () => ++asked > 1 }
    const figures = await evaluate(
      { checkpointPath, dataset: place.dataset, split: 'train', startBackend },
      watcher,
    )
    assert.equal(figures, null)
  })

  it('names both class counts when the data set has other classes', async () => {
    await train(tinyOrder(place), recorder())
    const other = await tinyPlace({ train: 22, val: 9 }, 4)
    try {
      const checkpointPath = join(place.folder, 'run', 'checkpoints', 'step-00000010')
      const watcher = { progress: () => {}, isCancelled: () => false }
      const order = { checkpointPath, dataset: other.dataset, split: null, startBackend }
      await assert.rejects(evaluate(order, watcher), {
        code: 'checkpoint-mismatch',
        message: /the checkpoint has 3 classes, the data set 4\. Use the data set that it was trained on/,
      })
    } finally {
      await other.remove()
    }
  })
})

describe('a loss that is not finite', () => {
  /** Makes the loss of some training steps NaN, counted from 1. */
  function poison(isBad: (step: number) => boolean): void {
    const { create } = crossEntropy
    mock.method(crossEntropy, 'create', (options: Parameters<typeof create>[0]) => {
      const loss = create(options)
      let step = 0
      const of: typeof loss.of = (outputs, targets) => {
        const factor = isBad(++step) ? NaN : 1
        return tf.mul<tf.Scalar>(loss.of(outputs, targets), factor)
      }
      return { ...loss, of }
    })
  }

  it('stops the run, with the state before that step saved', async () => {
    poison(step => step === 4)
    const ports = recorder()
    const outcome = await train(tinyOrder(place, { 'checkpoints.everySteps': 0 }), ports)
    assert.deepEqual(outcome, { outcome: 'stopped', step: 3, interruption: null })
    const last = ports.messages.at(-1)
    assert.ok(last?.type === 'finished')
    assert.match(
      last.reason!,
      /Step 4: the loss is NaN\. The step was not applied and the run stops\. A lower learning rate/,
    )
    assert.deepEqual(ports.logs('error'), [last.reason])
    const folder = join(place.folder, 'run', 'checkpoints')
    const { model } = await loadCheckpoint(join(folder, 'step-00000003'), { withOptimizer: true })
    for (const [name, { bytes }] of model) {
      assert.ok(
        new Float32Array(new Uint8Array(bytes).buffer).every(Number.isFinite),
        `${name} is not finite`,
      )
    }
  })

  it('is left out under the policy skip, running statistics too', async () => {
    poison(step => step === 4 || step === 5)
    const ports = recorder()
    const outcome = await train(tinyOrder(place, { 'training.nanPolicy': 'skip' }), ports)
    assert.equal(outcome.outcome, 'finished')
    assert.equal(ports.logs('warning').filter(text => text.includes('is left out')).length, 2)
    const bad = pointsOf(ports).filter(({ values }) => Number.isNaN(values['train/loss']))
    assert.deepEqual(
      bad.map(({ step }) => step),
      [4, 5],
    )
    const folder = join(place.folder, 'run', 'checkpoints')
    const [before, after_] = await Promise.all(
      [3, 5].map(step => loadCheckpoint(join(folder, `step-0000000${step}`), { withOptimizer: true })),
    )
    for (const part of ['model', 'optimizer'] as const) {
      for (const [name, { bytes }] of before![part]) {
        assert.deepEqual(Buffer.from(after_![part].get(name)!.bytes), Buffer.from(bytes), name)
      }
    }
  })

  it('stops the run when skipping does not help', async () => {
    poison(step => step > 2)
    const ports = recorder()
    const changes = {
      'training.nanPolicy': 'skip',
      'training.epochs': 10,
      'training.evaluateEveryEpochs': 10,
    }
    const outcome = await train(tinyOrder(place, changes), ports)
    assert.deepEqual(outcome, { outcome: 'stopped', step: 21, interruption: null })
    assert.match(ports.logs('error')[0]!, /for 20 steps in a row/)
  })

  it('brings back the newest checkpoint under the policy roll-back', async () => {
    poison(step => step === 8)
    const ports = recorder()
    const changes = { 'training.nanPolicy': 'roll-back', 'checkpoints.everySteps': 0 }
    const outcome = await train(tinyOrder(place, changes), ports)
    assert.deepEqual(outcome, { outcome: 'finished', step: 10, interruption: null })
    assert.ok(ports.logs('warning').some(text => /Step 8: .*step-00000005 were restored/.test(text)))
  })

  it('stops the run when there is nothing to roll back to', async () => {
    poison(step => step === 2)
    const ports = recorder()
    const changes = { 'training.nanPolicy': 'roll-back', 'checkpoints.everySteps': 0 }
    assert.equal((await train(tinyOrder(place, changes), ports)).outcome, 'stopped')
    assert.match(ports.logs('error')[0]!, /no checkpoint to roll back to/)
  })
})

describe('a run that cannot be', () => {
  it('names the parameter and both shapes when the checkpoint is of another network', async () => {
    await train(tinyOrder(place), recorder())
    const order = tinyOrder(place, { 'model.options': { width: 3 } }, { resume: true })
    const ports = recorder()
    await assert.rejects(train(order, ports), {
      code: 'checkpoint-mismatch',
      message:
        /step-00000010: at conv1\.weight: expected shape \[3, 1, 3, 3\], got \[2, 1, 3, 3\]\. Use the model/,
    })
    assert.equal(ports.of('failed')[0]!.error.code, 'checkpoint-mismatch')
  })

  it('refuses to go on with another batch size, as the order of images would differ', async () => {
    await train(tinyOrder(place, { 'training.epochs': 1 }), recorder())
    const order = tinyOrder(place, { 'training.batchSize': 5 }, { resume: true })
    await assert.rejects(train(order, recorder()), {
      code: 'checkpoint-mismatch',
      message: /begun with 5 steps per epoch, now it has 4\. .*start a new run/,
    })
  })

  it('goes on for more epochs, and says that the configuration changed', async () => {
    await train(tinyOrder(place, { 'training.epochs': 1 }), recorder())
    const ports = recorder()
    const outcome = await train(tinyOrder(place, {}, { resume: true, attempt: 2 }), ports)
    assert.deepEqual(outcome, { outcome: 'finished', step: 10, interruption: null })
    assert.ok(ports.logs('warning').some(text => text.includes('configuration is not the one')))
  })

  it('names the batch size when it is more than the training images', async () => {
    const ports = recorder()
    await assert.rejects(train(tinyOrder(place, { 'training.batchSize': 23 }), ports), {
      code: 'invalid-config',
      message: /^training\.batchSize: expected at most 22, .*, got 23/,
    })
  })

  it('names unknown fields of the configuration', async () => {
    await assert.rejects(train(tinyOrder(place, { 'training.epoch': 3 }), recorder()), {
      code: 'invalid-config',
      message: /training\.epoch/,
    })
  })

  it('starts at step 0 and says so when told to resume without a checkpoint', async () => {
    const ports = recorder()
    await train(tinyOrder(place, { 'training.epochs': 1 }, { resume: true }), ports)
    assert.equal(ports.of('ready')[0]!.fromStep, 0)
    assert.ok(ports.logs('warning').some(text => text.includes('starts at step 0')))
  })
})
