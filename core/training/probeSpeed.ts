/**
 * How fast a configuration trains here: a few steps from its first weights on its own images, through the loader and the step that
 * training uses. Nothing of it is kept.
 */
import { performance } from 'node:perf_hooks'
import * as tf from '@tensorflow/tfjs-core'
import { openLoader } from '../data/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { classify } from '../evaluation/classification.ts'
import {
  datasetFacts,
  evaluationLoader,
  trainingLoader,
  type DatasetFacts,
} from '../evaluation/loaderOptions.ts'
import { nextBatch } from '../evaluation/nextBatch.ts'
import { resolvePrecision, type RunConfig } from '../experiment/index.ts'
import { losses } from '../losses/index.ts'
import type { Learner } from './learner.ts'
import { explainStepError } from './outOfMemory.ts'
import { createRunLearner } from './runLearner.ts'
import { trainStep } from './trainStep.ts'

/** Times in milliseconds. */
export interface MeasuredSpeed {
  readonly steps: number
  readonly stepMs: number
  readonly dataMs: number
  readonly evaluationMsPerImage: number | null
  readonly limitBytes: number | null
  readonly peakBytes: number | null
}

export interface ProbeWatcher {
  progress(phase: string, done: number, total: number): void
  throwIfCancelled(): void
}

/** How long it measures. At least `leastSteps`, then until the time is over. */
const limits = { warmUpMs: 3000, measureMs: 6000, leastSteps: 3, mostSteps: 60, evaluationMs: 2500 }

/**
 * Steps are timed once those batches are used up that the loader had ready, as they would make it look faster than it is.
 * @throws AppError what opening the data set and a step throw: out-of-memory with the batch size that fits; cancelled
 */
export async function probeSpeed(
  given: RunConfig,
  dataset: DatasetRef,
  watcher: ProbeWatcher,
): Promise<MeasuredSpeed> {
  const config = oneRank(given)
  const facts = await datasetFacts(dataset)
  const loss = losses.create(config.loss, 'loss')
  const learner = createRunLearner(config, resolvePrecision(config.precision), facts, loss, null)
  try {
    const probed = { config, dataset, facts, learner }
    const { limitBytes = null } = tf.memory() as MemoryOfBackend
    const trained = await explained(timeSteps(probed, loss, watcher), learner, config)
    const { peakBytes = null } = tf.memory() as MemoryOfBackend
    const isJudged = config.training.mode !== 'train'
    const evaluationMsPerImage = isJudged ? await timeEvaluation(probed, watcher) : null
    return { ...trained, evaluationMsPerImage, limitBytes, peakBytes }
  } finally {
    learner.dispose()
  }
}

interface MemoryOfBackend {
  readonly limitBytes?: number | null
  readonly peakBytes?: number | null
}

interface Probed {
  readonly config: RunConfig
  readonly dataset: DatasetRef
  readonly facts: DatasetFacts
  readonly learner: Learner
}

async function timeSteps(
  { config, dataset, facts, learner }: Probed,
  loss: ReturnType<typeof losses.create>,
  watcher: ProbeWatcher,
): Promise<Pick<MeasuredSpeed, 'steps' | 'stepMs' | 'dataMs'>> {
  const loader = await openLoader(trainingLoader(config, dataset, facts, 0))
  const { seed, accumulate, clip } = config.training
  const startedAt = performance.now()
  let dataMs = 0
  let steps = 0
  let beganAt: number | null = null
  try {
    for (let step = 0; ; step++) {
      watcher.throwIfCancelled()
      const now = performance.now()
      const isWarm = step >= config.data.prefetchBatches || (step > 0 && now - startedAt > limits.warmUpMs)
      if (beganAt === null && isWarm) beganAt = now
      const spentMs = beganAt === null ? 0 : now - beganAt
      if (steps >= limits.mostSteps || (steps >= limits.leastSteps && spentMs >= limits.measureMs)) {
        return { steps, stepMs: spentMs / steps, dataMs: dataMs / steps }
      }
      const share = beganAt === null ? 0 : Math.max(spentMs / limits.measureMs, steps / limits.mostSteps)
      watcher.progress(
        beganAt === null ? 'warming-up' : 'training',
        Math.min(99, Math.round(share * 100)),
        100,
      )
      const batch = await nextBatch(loader, () => (watcher.throwIfCancelled(), false))
      if (!batch || batch === 'given-up') throw new AppError('internal', 'The loader ended early')
      const waitedMs = performance.now() - now
      await trainStep(learner, batch, {
        ...{ input: config.input, loss, classCount: facts.classes.length, learningRate: 0, step, seed },
        ...{ stepsPerEpoch: loader.batchesPerEpoch, accumulate, clip, mixing: config.mixing },
      })
      batch.release()
      if (beganAt === null) continue
      dataMs += waitedMs
      steps++
    }
  } finally {
    await loader.close()
  }
}

/** For one image, of the validation's first ones. */
async function timeEvaluation(
  { config, dataset, facts, learner }: Probed,
  watcher: ProbeWatcher,
): Promise<number | null> {
  const loader = await openLoader(evaluationLoader(config, dataset, facts, null))
  const beganAt = performance.now()
  let first: { done: number; at: number } | null = null
  let last: { done: number; at: number } | null = null
  try {
    await classify(learner.executor, loader, config.input, {
      progress: (done, total) => {
        watcher.progress('evaluating', done, total)
        last = { done, at: performance.now() }
        first ??= last
      },
      isCancelled: () => {
        watcher.throwIfCancelled()
        return performance.now() - beganAt > limits.evaluationMs
      },
    })
  } finally {
    await loader.close()
  }
  return perImage(first, last, beganAt)
}

/** The first batch, which warms up, is left out where there are others. */
function perImage(
  first: { done: number; at: number } | null,
  last: { done: number; at: number } | null,
  beganAt: number,
): number | null {
  if (first === null || last === null || last.done === 0) return null
  if (last.done === first.done) return (last.at - beganAt) / last.done
  return (last.at - first.at) / (last.done - first.done)
}

/** The part of one rank; a small data set may be seen several times. */
function oneRank(config: RunConfig): RunConfig {
  const { ranks, batchSize } = config.training
  const training = { ...config.training, ranks: 1, batchSize: batchSize / ranks, epochs: 10_000, maxSteps: 0 }
  return { ...config, training }
}

/** An error of a step that says what would fit, where memory ran out. */
async function explained<T>(work: Promise<T>, learner: Learner, config: RunConfig): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    const { executor, slotValues } = learner
    const { graph, precision } = executor
    const batchSize = config.training.batchSize
    throw explainStepError(thrown, { graph, precision, slotValues, batchSize, rankCount: 1 })
  }
}
