/** Finds the power of GeM pooling for a test size (p*): by training it alone, or by trying some. */
import * as tf from '@tensorflow/tfjs-core'
import { openDataset, permutation } from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { datasetFacts } from '../evaluation/loaderOptions.ts'
import { imageTensor } from '../evaluation/imageTensor.ts'
import { graphMaker, learnedPowers, openNetwork, powerNodes, type Network } from '../evaluation/network.ts'
import { openViews } from '../evaluation/openViews.ts'
import type { StartBackend } from '../evaluation/startForRun.ts'
import type { View } from '../evaluation/view.ts'
import type { ViewedBatch } from '../evaluation/viewSource.ts'
import { createExecutor, type Executor, type ParameterInfo } from '../graph/index.ts'
import { losses } from '../losses/index.ts'
import { makeTargets } from '../losses/shared/targets.ts'
import type { PhaseWatcher } from './evaluateRetrieval.ts'
import type { WeightsChoice } from '../evaluation/network.ts'

export interface TuneOrder {
  readonly checkpointPath: string
  readonly dataset: DatasetRef
  /** Default `train`. */
  readonly split?: SplitName
  readonly view?: View | undefined
  readonly weights?: WeightsChoice | undefined
  /** Images of each class. Default 50. */
  readonly perClass?: number
  /** Images of one step. Default 4. */
  readonly batchSize?: number
  /** Default 0.005, falling to 0 as (1 − t)^0.9. */
  readonly learningRate?: number
  readonly startBackend: StartBackend
}

const momentum = 0.9
const decayPower = 0.9
/** The mean is p = 1; below it only small values would count. */
const leastPower = 0.1

/**
 * Trains the power alone on some images of each class, once each, at the size at which it will be used; batch norms are as in
 * evaluation, and the loss is the cross-entropy of the checkpoint's own classifier.
 * @source Berman et al. 2019, MultiGrain, section 4.4: batch 4, SGD with momentum 0.9, 50 images a class.
 * @returns null when cancelled; otherwise the power before and after.
 * @throws AppError invalid-request for a network without GeM pooling.
 */
export async function tunePower(
  order: TuneOrder,
  watcher: PhaseWatcher,
): Promise<{ readonly before: number; readonly power: number; readonly imageCount: number } | null> {
  const { perClass = 50, batchSize = 4, learningRate = 0.005, dataset, split = 'train', view = {} } = order
  const network = await openNetwork(order.checkpointPath, { ...order, power: undefined, learnsPower: true })
  try {
    const facts = await datasetFacts(dataset)
    const indices = await someOfEachClass(dataset, split, perClass, network.config.training.seed)
    const { source } = await openViews({ network, dataset, facts, split, view, batchSize, indices })
    const tuner = createTuner(network)
    try {
      const before = tuner.power()
      const stepCount = Math.ceil(source.sampleCount / batchSize)
      let done = 0
      let held = 0
      let step = 0
      const update = (): void => {
        const rate = learningRate * (1 - step / stepCount) ** decayPower
        tuner.update(rate, held)
        held = 0
        step++
      }
      for (;;) {
        const batch = await source.next(watcher.isCancelled)
        if (batch === 'given-up') return null
        if (batch === null) break
        if (batch.count > 0) await tuner.add(batch)
        held += batch.count
        done += batch.count + batch.bad.length
        // Images of other sizes come in batches of their own: a step waits until there are enough.
        if (held >= batchSize) update()
        watcher.progress('tuning p', done, source.sampleCount)
      }
      if (held > 0) update()
      return { before, power: tuner.power(), imageCount: done }
    } finally {
      await source.close()
    }
  } finally {
    network.dispose()
  }
}

/** What `measure` gives for each power, and the power for which it is largest; of equal ones the first. */
export async function bestPower(
  powers: readonly number[],
  measure: (power: number) => Promise<number | null>,
): Promise<{ readonly power: number; readonly figures: readonly number[] } | null> {
  const figures: number[] = []
  for (const power of powers) {
    const figure = await measure(power)
    if (figure === null) return null
    figures.push(figure)
  }
  if (figures.length === 0) throw new AppError('invalid-request', 'p: expected powers to try, got none')
  return { power: powers[figures.indexOf(Math.max(...figures))]!, figures }
}

interface Tuner {
  power(): number
  /** Adds the gradient of a batch. */
  add(batch: ViewedBatch): Promise<void>
  /** One step with the mean of what was added. */
  update(learningRate: number, imageCount: number): void
}

function createTuner(network: Network): Tuner {
  const { config, checkpoint } = network
  const makeGraph = graphMaker(config, checkpoint)
  const [height, width] = checkpoint.state.inputShape
  const base = network.at(height, width)
  const infos = powerNodes(base.graph).flatMap(({ parameters }) => parameters)
  if (infos.length === 0) {
    const message = `p: ${base.graph.name} has no GeM pooling whose power could be tuned. Use a model with GeM pooling`
    throw new AppError('invalid-request', message, { field: 'p' })
  }
  if (infos.some(({ name }) => readOf(base, name) === Infinity)) {
    const message = `p: ${base.graph.name} takes the maximum, from which p cannot be tuned. Use a model with GeM pooling of a finite power`
    throw new AppError('invalid-request', message, { field: 'p', value: Infinity })
  }
  const names = new Set(infos.map(({ name }) => name))
  const isTrained = ({ name }: ParameterInfo): boolean => names.has(name)
  const crossEntropy = losses.create({ name: 'cross-entropy', options: {} }, 'loss')
  const executors = new Map<string, Executor>()
  const executorAt = (h: number, w: number): Executor => {
    const key = `${h}x${w}`
    const known = executors.get(key)
    if (known) return known
    const graph = learnedPowers(makeGraph(h, w))
    const made = createExecutor(graph, { seed: 0, precision: network.precision, share: base, isTrained })
    executors.set(key, made)
    return made
  }
  const values = new Map<string, number>(infos.map(({ name }) => [name, readOf(base, name)]))
  const gradients = new Map<string, number>()
  const velocities = new Map<string, number>()
  return {
    power: () => [...values.values()][0]!,
    async add(batch) {
      const executor = executorAt(batch.height, batch.width)
      const images = imageTensor(
        { images: batch.bytes, count: batch.count, height: batch.height, width: batch.width },
        config.input,
        network.precision.storage,
      )
      const { indices: instances, labels, count } = batch
      const classCount = network.classes.length
      const targets = makeTargets({ labels, instances, classCount, seed: 0 })
      const found: [string, tf.Tensor][] = []
      const { loss, outputs } = executor.train(images, heads => crossEntropy.of(heads, targets), {
        seed: 0,
        frozenBatchNorm: true,
        onGradient: ({ name }, gradient) => void found.push([name, gradient]),
      })
      tf.dispose([images, targets.labels, loss, ...Object.values(outputs)])
      batch.release()
      for (const [name, gradient] of found) {
        const [value = 0] = await gradient.data()
        gradient.dispose()
        if (names.has(name)) gradients.set(name, (gradients.get(name) ?? 0) + value * count)
      }
    },
    update(learningRate, imageCount) {
      for (const [name, sum] of gradients) {
        const velocity = momentum * (velocities.get(name) ?? 0) + sum / imageCount
        velocities.set(name, velocity)
        const value = Math.max(leastPower, values.get(name)! - learningRate * velocity)
        values.set(name, value)
        base.parameters.set(name, tf.tensor1d([value]))
      }
      gradients.clear()
    },
  }
}

function readOf({ parameters }: Executor, name: string): number {
  return parameters.get(name).dataSync()[0]!
}

/** The same images for the same seed, in one random order. */
async function someOfEachClass(
  dataset: DatasetRef,
  split: SplitName,
  perClass: number,
  seed: number,
): Promise<Int32Array> {
  const opened = await openDataset(dataset)
  try {
    const found = opened.splits[split]
    if (!found) {
      const known = Object.keys(opened.splits)
      const message = `${dataset.path}: no split '${split}' to tune p on. It has: ${known.join(', ')}`
      throw new AppError('not-found', message, { split, known })
    }
    const counts = new Map<number, number>()
    return permutation(seed, 0, found.count).filter(index => {
      const label = found.labels[index]!
      const count = counts.get(label) ?? 0
      counts.set(label, count + 1)
      return count < perClass
    })
  } finally {
    await opened.close()
  }
}
