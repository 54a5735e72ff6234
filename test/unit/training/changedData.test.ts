/** A data set that is not what it was: while a run uses it, when the run goes on, and when its checkpoint is evaluated. */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import sharp from 'sharp'
import { startBackend } from '../../../core/backend/index.ts'
import { listCheckpoints, loadCheckpoint } from '../../../core/checkpoints/index.ts'
import type { DatasetRef } from '../../../core/datasets/shared/reader.ts'
import { evaluate } from '../../../core/evaluation/index.ts'
import { scan } from '../../../core/processes/tasks/scan.ts'
import { train } from '../../../core/training/index.ts'
import type { FromTrainer } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

const watcher = { progress: () => {}, throwIfCancelled: () => {} }
const quiet = { progress: () => {}, isCancelled: () => false }

function hasTrained(messages: readonly FromTrainer[]): boolean {
  return messages.some(({ type }) => type === 'phase') && messages.some(({ type }) => type === 'ready')
}

describe('a data set scanned anew under a run', () => {
  const files = [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    'val-images-idx3-ubyte',
    'val-labels-idx1-ubyte',
  ]

  /** Trains, and puts another data set in the place of the run's once it has begun. @returns where, and what was said. */
  async function trainWhileChanging(place: TinyPlace, other: TinyPlace) {
    let isChanged = false
    const ports = recorder((_poll, messages) => {
      if (!isChanged && hasTrained(messages)) {
        for (const file of files) copyFileSync(join(other.dataset.path, file), join(place.dataset.path, file))
        copyFileSync(other.dataset.indexPath, place.dataset.indexPath)
        isChanged = true
      }
      return null
    })
    const order = tinyOrder(place, { 'checkpoints.everySteps': 0 })
    return { order, ports, outcome: train(order, ports) }
  }

  it('ends the run with an error that names the change, after it was saved; resuming names it too', async () => {
    const place = await tinyPlace()
    const other = await tinyPlace({ train: 22, val: 9 }, 4)
    try {
      const { order, ports, outcome } = await trainWhileChanging(place, other)
      await assert.rejects(outcome, {
        code: 'data-invalid',
        message: /scanned anew while the run was using it: it had 3 classes and has 4 now\. .*resume the run/,
      })
      assert.deepEqual(await listCheckpoints(join(order.folder, 'checkpoints')), ['step-00000005'])
      assert.equal(ports.of('checkpoint')[0]!.checkpoint.metrics['val/loss'], undefined)
      assert.equal(ports.messages.at(-1)!.type, 'failed')
      await assert.rejects(train({ ...order, resume: true, attempt: 2 }, recorder()), {
        code: 'checkpoint-mismatch',
        message: /step-00000005: the checkpoint has 3 classes, the data set 4\. Use the data set/,
      })
    } finally {
      await Promise.all([place.remove(), other.remove()])
    }
  })

  it('is noticed when only the images are others', async () => {
    const place = await tinyPlace()
    const other = await tinyPlace({ train: 22, val: 8 })
    try {
      const { outcome } = await trainWhileChanging(place, other)
      await assert.rejects(outcome, {
        code: 'data-invalid',
        message: /its classes are the same, its images are not/,
      })
    } finally {
      await Promise.all([place.remove(), other.remove()])
    }
  })

  it('does not matter when nothing has changed', async () => {
    const place = await tinyPlace()
    const same = await tinyPlace()
    try {
      const { outcome } = await trainWhileChanging(place, same)
      assert.equal((await outcome).outcome, 'finished')
    } finally {
      await Promise.all([place.remove(), same.remove()])
    }
  })
})

describe('classes of other names', () => {
  let folder = ''
  let place: TinyPlace
  const classes = ['ant', 'bee', 'cow']

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multigrain-classes-'))
    const path = join(folder, 'data')
    for (const [label, name] of classes.entries()) await writeClass(path, name, label)
    place = {
      folder,
      dataset: await scanned(path),
      remove: () => rm(folder, { recursive: true, force: true }),
    }
  })
  after(() => place.remove())
  beforeEach(() => rm(join(folder, 'run'), { recursive: true, force: true }))

  async function scanned(path: string): Promise<DatasetRef> {
    const indexPath = join(folder, 'data.index')
    await scan.run({ path, reader: 'image-folder', options: {}, indexPath }, watcher)
    return { id: 'tiny', reader: 'image-folder', path, options: {}, indexPath }
  }

  /** Renames a class's folder while `act` runs. */
  async function renamed(from: string, to: string, act: () => Promise<void>): Promise<void> {
    const { path } = place.dataset
    const move = async (one: string, other: string): Promise<void> => {
      for (const split of ['train', 'val']) await rename(join(path, split, one), join(path, split, other))
      await scanned(path)
    }
    await move(from, to)
    try {
      await act()
    } finally {
      await move(to, from)
    }
  }

  for (const [what, from, to, at, expected, got] of [
    ['renamed', 'bee', 'bug', 1, 'bee', 'bug'],
    ['renamed so that all move on', 'ant', 'zebra', 0, 'ant', 'bee'],
  ] as const) {
    it(`are refused on resuming and on evaluating when ${what}`, async () => {
      await train(tinyOrder(place, { 'training.epochs': 1, 'checkpoints.everySteps': 0 }), recorder())
      const checkpoints = join(folder, 'run', 'checkpoints')
      const [name] = await listCheckpoints(checkpoints)
      const checkpointPath = join(checkpoints, name!)
      assert.deepEqual(
        (await loadCheckpoint(checkpointPath, { withOptimizer: false })).state.classes,
        classes,
      )
      const refusal = {
        code: 'checkpoint-mismatch',
        message: new RegExp(
          `the data set has other classes: class ${at} was '${expected}' in training and is '${got}' now\\. Use the data set`,
        ),
      }
      await renamed(from, to, async () => {
        const again = tinyOrder(place, { 'training.epochs': 2 }, { resume: true, attempt: 2 })
        await assert.rejects(train(again, recorder()), refusal)
        const order = { checkpointPath, dataset: place.dataset, split: null, startBackend }
        await assert.rejects(evaluate(order, quiet), refusal)
      })
      const again = tinyOrder(place, { 'training.epochs': 2 }, { resume: true, attempt: 2 })
      assert.equal((await train(again, recorder())).outcome, 'finished')
    })
  }
})

/** Six training images and two for validation, of one brightness. */
async function writeClass(path: string, name: string, label: number): Promise<void> {
  for (const [split, count] of [
    ['train', 6],
    ['val', 2],
  ] as const) {
    await mkdir(join(path, split, name), { recursive: true })
    for (let image = 0; image < count; image++) {
      const pixels = Buffer.alloc(64, 40 + 80 * label + image)
      const file = join(path, split, name, `${image}.png`)
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
        .png()
        .toFile(file)
    }
  }
}
