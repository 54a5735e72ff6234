/** Several ranks train as one does: the same images in the same order, the same gradients, one report and one set of checkpoints. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { openLoader, type Batch, type LoaderOptions } from '../../../core/data/index.ts'
import { createExecutor, type Executor } from '../../../core/graph/index.ts'
import { losses } from '../../../core/losses/index.ts'
import { makeTargets } from '../../../core/losses/shared/targets.ts'
import { models } from '../../../core/models/index.ts'
import { listCheckpoints } from '../../../core/checkpoints/index.ts'
import { train, type Collective, type Interruption, type Point } from '../../../core/training/index.ts'
import { createBuckets } from '../../../core/training/gradientBuckets.ts'
import {
  finalTensors,
  recorder,
  tinyOrder,
  tinyPlace,
  type Recorder,
  type TinyPlace,
} from '../../crash/tinyRun.ts'
import { fakeRanks } from './fakeRanks.ts'

let place: TinyPlace
before(async () => {
  place = await tinyPlace({ train: 22, val: 9 })
  await startBackend('cpu')
})
after(() => place.remove())
afterEach(() => rm(join(place.folder, 'run'), { recursive: true, force: true }))

/** One run of so many ranks. @param wish what one of them is told, by rank and poll */
async function trainRanks(
  world: number,
  changes: Readonly<Record<string, unknown>> = {},
  run: { readonly folder?: string; readonly resume?: boolean } = {},
  wish: (rank: number, poll: number) => Interruption | null = () => null,
): Promise<Recorder[]> {
  const order = tinyOrder(place, changes, run)
  const ports = fakeRanks(world).map((collective: Collective) => ({
    ...recorder(poll => wish(collective.rank, poll)),
    collective: async () => (world === 1 ? null : collective),
  }))
  await Promise.all(ports.map(each => train(order, each)))
  return ports
}

function values(ports: Recorder, name: string): number[] {
  const points: Point[] = ports.of('points').flatMap(message => message.points)
  return points.flatMap(point => point.values[name] ?? [])
}

function assertClose(got: readonly number[], wanted: readonly number[], tolerance: number): void {
  assert.equal(got.length, wanted.length)
  for (const [at, value] of wanted.entries())
    assert.ok(Math.abs(got[at]! - value) <= tolerance, `${at}: ${got[at]} against ${value}`)
}

describe('the images of ranks', () => {
  async function indices(part: LoaderOptions['part'], batchSize: number, order: LoaderOptions['order']) {
    const loader = await openLoader({
      ...{ dataset: place.dataset, split: 'train', transforms: [], height: 8, width: 8, channels: 1 },
      ...{
        batchSize,
        order,
        seed: 3,
        dropLast: order !== 'sequential',
        epochs: order === 'sequential' ? 1 : 2,
      },
      ...{ startBatch: 0, threads: 0, prefetch: 1, maxBadFraction: 0, ...(part ? { part } : {}) },
    })
    const batches: number[][] = []
    for (let batch: Batch | null; (batch = await loader.next());) {
      batches[batch.number] = [...batch.indices]
      batch.release()
    }
    await loader.close()
    return { batches, perEpoch: loader.batchesPerEpoch }
  }

  it('are together those of one rank, batch by batch and in the same order', async () => {
    const whole = await indices(undefined, 6, { name: 'shuffled' })
    for (const count of [2, 3, 6]) {
      const parts = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          indices({ index, count }, 6 / count, { name: 'shuffled' }),
        ),
      )
      assert.deepEqual(
        whole.batches.map((_, number) => parts.flatMap(part => part.batches[number]!)),
        whole.batches,
      )
      for (const { perEpoch } of parts) assert.equal(perEpoch, whole.perEpoch)
    }
  })

  it('are each seen once in an evaluation, also where the last batch does not suffice for all', async () => {
    const parts = await Promise.all([0, 1, 2].map(index => indices({ index, count: 3 }, 5, 'sequential')))
    const all = parts.flatMap(part => part.batches.flat()).sort((a, b) => a - b)
    assert.deepEqual(
      all,
      Array.from({ length: 22 }, (_, index) => index),
    )
  })
})

describe('gradients', () => {
  function network(): Executor {
    const model = models.create({ name: 'cifar-resnet8', options: { width: 2 } })
    return createExecutor(model({ height: 8, width: 8, channels: 1, classCount: 3 }), { seed: 5 })
  }
  const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing: 0.1 } })

  /** Batch norm with its running statistics, as the mean over a part is not that over the whole. */
  async function gradientsOf(
    executor: Executor,
    images: tf.Tensor4D,
    labels: number[],
    collective: Collective | null,
  ): Promise<Map<string, Float32Array>> {
    const buckets = collective ? createBuckets(collective) : null
    let gradients = new Map<string, tf.Tensor>()
    const targets = makeTargets({ labels: Int32Array.from(labels), classCount: 3 })
    const result = executor.train(images, heads => loss.of(heads, targets), {
      seed: 1,
      frozenBatchNorm: true,
      onGradient: ({ name }, gradient) => {
        if (buckets) buckets.add(name, gradient)
        else gradients.set(name, gradient)
      },
    })
    tf.dispose([targets.labels, result.loss, ...Object.values(result.outputs)])
    if (buckets) gradients = await buckets.finish()
    const read = [...gradients].map(([name, each]) => [name, each.dataSync() as Float32Array] as const)
    tf.dispose([...gradients.values()])
    return new Map(read)
  }

  it('are those of the whole batch, whatever the number of ranks, and no tensor is left', async () => {
    const images = tf.randomUniform<tf.Rank.R4>([12, 8, 8, 1], -1, 1, 'float32', 9)
    const labels = Array.from({ length: 12 }, (_, at) => at % 3)
    const executors = Array.from({ length: 3 }, network)
    const tensorsBefore = tf.memory().numTensors
    const whole = await gradientsOf(executors[0]!, images, labels, null)
    for (const world of [2, 3]) {
      const size = 12 / world
      const all = await Promise.all(
        fakeRanks(world).map(async collective => {
          const { rank } = collective
          const own = tf.slice(images, [rank * size, 0, 0, 0], [size, -1, -1, -1]) as tf.Tensor4D
          const part = labels.slice(rank * size, (rank + 1) * size)
          const gradients = await gradientsOf(executors[rank]!, own, part, collective)
          own.dispose()
          return gradients
        }),
      )
      for (const gradients of all) {
        assert.deepEqual([...gradients.keys()], [...whole.keys()])
        for (const [name, gradient] of whole) assertClose([...gradients.get(name)!], [...gradient], 1e-5)
      }
    }
    assert.equal(tf.memory().numTensors, tensorsBefore)
    for (const executor of executors) executor.dispose()
    images.dispose()
  })

  it('travel in buckets that are sent before the backward pass ends', async () => {
    const sent: number[] = []
    const buckets = createBuckets({
      mean: async tensors => {
        sent.push(tensors.length)
        return tensors.map(tensor => tensor)
      },
    })
    const megabyte = 2 ** 18
    buckets.add('a', tf.zeros([megabyte]))
    assert.deepEqual(sent, [1]) // the first one is small
    for (const name of ['b', 'c']) buckets.add(name, tf.zeros([3 * megabyte]))
    assert.deepEqual(sent, [1])
    buckets.add('d', tf.zeros([2 * megabyte]))
    assert.deepEqual(sent, [1, 3])
    buckets.add('e', tf.zeros([1]))
    const means = await buckets.finish()
    assert.deepEqual(sent, [1, 3, 1])
    assert.deepEqual([...means.keys()], ['a', 'b', 'c', 'd', 'e'])
    tf.dispose([...means.values()])
  })

  it('of which one bucket is lost fail the step, and no tensor is left', async () => {
    const tensorsBefore = tf.memory().numTensors
    let count = 0
    const buckets = createBuckets({
      mean: async tensors => {
        if (++count === 1) return [...tensors]
        tf.dispose([...tensors])
        throw new Error('rank 1 is gone')
      },
    })
    buckets.add('a', tf.zeros([2 ** 18]))
    buckets.add('b', tf.zeros([3]))
    await assert.rejects(buckets.finish(), /rank 1 is gone/)
    assert.equal(tf.memory().numTensors, tensorsBefore)
  })
})

describe('a run of two ranks', () => {
  it('learns the same as one of one rank but for the statistics of batch norm, and both ranks agree', async () => {
    // One step, before which all weights are equal: batch norm looks at each part by itself, the figures after it may differ.
    const [alone] = await trainRanks(1, { 'training.epochs': 1 }, { folder: join(place.folder, 'alone') })
    const [first, second] = await trainRanks(2, { 'training.epochs': 1 })
    assert.deepEqual(values(first!, 'train/loss'), values(second!, 'train/loss'))
    assert.deepEqual(values(first!, 'val/loss'), values(second!, 'val/loss'))
    assert.equal(values(first!, 'train/loss').length, values(alone!, 'train/loss').length)
    assertClose(values(first!, 'train/lr'), values(alone!, 'train/lr'), 0)
  })

  it('is saved by rank 0 alone, and validates each image once', async () => {
    const [first, second] = await trainRanks(2)
    assert.equal(second!.of('checkpoint').length, 0)
    assert.equal(first!.of('checkpoint').length, 10)
    const shares = values(first!, 'val/top1').map(top1 => top1 * 9)
    for (const share of shares) assert.ok(Math.abs(share - Math.round(share)) < 1e-9, `${share} of 9`)
  })

  it('ends after the same step when one of them is told to, and goes on with another number of ranks', async () => {
    const folder = join(place.folder, 'changing')
    const ports = await trainRanks(2, {}, { folder }, (rank, poll) =>
      rank === 1 && poll > 8 ? 'stop' : null,
    )
    const ends = ports.map(each => each.of('finished')[0]!)
    assert.equal(ends[0]!.outcome, 'stopped')
    assert.equal(ends[0]!.step, ends[1]!.step)
    const step = ends[0]!.step
    assert.ok(step > 0 && step < 10, `step ${step}`)

    const [resumed] = await trainRanks(4, {}, { folder, resume: true })
    assert.equal(resumed!.of('ready')[0]!.fromStep, step)
    assert.equal(resumed!.of('finished')[0]!.outcome, 'finished')
    const [alone] = await trainRanks(1, { 'training.epochs': 3 }, { folder, resume: true })
    assert.equal(alone!.of('ready')[0]!.fromStep, 10)
  })

  it('that is stopped and resumed ends in the same weights as one that is not', async () => {
    const folder = join(place.folder, 'undisturbed-ranks')
    await trainRanks(2, {}, { folder })
    const broken = join(place.folder, 'broken')
    await trainRanks(2, {}, { folder: broken }, (_, poll) => (poll > 9 ? 'pause' : null))
    await trainRanks(2, {}, { folder: broken, resume: true })
    const [whole, resumed] = await Promise.all([finalTensors(folder), finalTensors(broken)])
    assert.equal(resumed.name, whole.name)
    // The running statistics of rank 1 were not saved, and do not enter anything.
    assert.ok(resumed.tensors.equals(whole.tensors))
  })

  it('needs a batch that parts evenly', async () => {
    await assert.rejects(trainRanks(3), {
      code: 'invalid-config',
      message: /training\.batchSize: expected a multiple of 3, .* got 4\. Use 3 or 6/,
    })
    assert.deepEqual(await listCheckpoints(join(place.folder, 'run', 'checkpoints')).catch(() => []), [])
  })
})
