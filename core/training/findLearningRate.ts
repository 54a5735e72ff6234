/**
 * Looks for a learning rate: a short run from the configuration's first weights whose rate grows exponentially with every step, ended
 * when the loss runs away. The rate where the smoothed loss falls fastest is suggested.
 *
 * @source Smith 2017, Cyclical Learning Rates, §3.3; the form of Lightning's learning-rate finder (100 steps from 1e-8 to 1, ended at
 * four times the best loss, steepest slope).
 */
import { openLoader } from '../data/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { datasetFacts, trainingLoader } from '../evaluation/loaderOptions.ts'
import { nextBatch } from '../evaluation/nextBatch.ts'
import { resolvePrecision, type RunConfig } from '../experiment/index.ts'
import { losses } from '../losses/index.ts'
import { createRunLearner, startFrom } from './runLearner.ts'
import { trainStep } from './trainStep.ts'

export interface SearchRange {
  readonly from: number
  readonly to: number
  readonly steps: number
}

/** `points` hold the smoothed loss. */
export interface LearningRateSearch {
  readonly points: { readonly learningRate: number; readonly loss: number }[]
  readonly suggestion: number | null
  readonly reason: string
}

const range: SearchRange = { from: 1e-7, to: 10, steps: 100 }
const smoothing = 0.9
/** The search ends when the loss is so many times the best one. */
const runaway = 4

/**
 * @param watcher.throwIfCancelled asked between steps
 * @throws AppError what opening the data set and a step throw; cancelled
 */
export async function findLearningRate(
  config: RunConfig,
  dataset: DatasetRef,
  watcher: { progress(done: number, total: number): void; throwIfCancelled(): void },
  { from, to, steps }: SearchRange = range,
): Promise<LearningRateSearch> {
  const facts = await datasetFacts(dataset)
  const loss = losses.create(config.loss, 'loss')
  const learner = createRunLearner(config, resolvePrecision(config.precision), facts, loss, null)
  const loader = await openLoader(trainingLoader(endless(config), dataset, facts, 0))
  const points: { learningRate: number; loss: number }[] = []
  let average = 0
  let best = Infinity
  let reason = ''
  try {
    await startFrom(config, learner)
    for (let step = 0; step < steps; step++) {
      watcher.throwIfCancelled()
      watcher.progress(step, steps)
      const learningRate = from * (to / from) ** (step / (steps - 1))
      const batch = await nextBatch(loader, () => (watcher.throwIfCancelled(), false))
      if (!batch || batch === 'given-up') throw new AppError('internal', 'The loader ended early')
      const figures = await trainStep(learner, batch, {
        ...{ input: config.input, loss, classCount: facts.classes.length, learningRate, step },
        stepsPerEpoch: loader.batchesPerEpoch,
        seed: config.training.seed,
        accumulate: config.training.accumulate,
        clip: config.training.clip,
        mixing: config.mixing,
      })
      batch.release()
      if (figures.nonFinite !== null) {
        reason = `At a rate of ${learningRate.toPrecision(2)} the ${figures.nonFinite === 'loss' ? 'loss' : 'gradient'} is no longer finite`
        break
      }
      average = smoothing * average + (1 - smoothing) * figures.loss
      const smoothed = average / (1 - smoothing ** (step + 1))
      points.push({ learningRate, loss: smoothed })
      best = Math.min(best, smoothed)
      if (step > 10 && smoothed > runaway * best) {
        reason = `At a rate of ${learningRate.toPrecision(2)} the loss is ${runaway} times its best`
        break
      }
    }
    return { points, suggestion: steepest(points), reason }
  } finally {
    await loader.close()
    learner.dispose()
  }
}

/**
 * The rate where the loss falls fastest over the logarithm of the rate, before it is lowest: what comes after is noise on the way up.
 * The first points are left out, as they are noise too. Null when the loss never falls.
 */
export function steepest(points: LearningRateSearch['points']): number | null {
  const losses = points.map(({ loss }) => loss)
  const first = Math.min(10, Math.floor(points.length / 4))
  const lowest = losses.indexOf(Math.min(...losses.slice(first)), first)
  let slope = 0
  let found: number | null = null
  for (let at = Math.max(reach, first); at <= lowest && at + reach < points.length; at++) {
    const change = (mean(losses, at, at + reach) - mean(losses, at - reach, at)) / reach
    if (change >= slope) continue
    slope = change
    found = points[at]!.learningRate
  }
  return found
}

/** Points on either side that a slope is taken over. */
const reach = 4

function mean(values: readonly number[], from: number, to: number): number {
  return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from)
}

/** The search may see a small data set several times. */
function endless(config: RunConfig): RunConfig {
  return { ...config, training: { ...config.training, epochs: 10_000 } }
}
