/** How well a network classifies: the one evaluation, used while training and for a checkpoint alone. */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import type { Loader } from '../data/index.ts'
import type { Executor } from '../graph/index.ts'
import { metrics } from '../metrics/index.ts'
import { imageTensor, type InputScale } from './imageTensor.ts'
import { nextBatch } from './nextBatch.ts'

/** Fractions from 0 to 1; NaN when no image could be decoded. */
export interface ClassificationFigures {
  readonly top1: number
  readonly top5: number
  /** Mean cross-entropy without label smoothing. */
  readonly loss: number
  readonly imageCount: number
  /** Images left out because they cannot be decoded. */
  readonly skippedCount: number
}

export interface EvaluationWatcher {
  progress(done: number, total: number, etaMs: number | null): void
  /** Asked between batches, and while waiting for one. */
  readonly isCancelled: () => boolean
  /** Told of each image that cannot be decoded. */
  bad?(name: string, problem: string): void
}

/**
 * Runs a network in evaluation mode over every batch of a loader. Sums are kept per image in double precision, so that the figures
 * do not depend on the batch size but for rounding in the network itself.
 * @returns null when cancelled.
 */
export async function classify(
  executor: Executor,
  loader: Loader,
  input: InputScale,
  watcher: EvaluationWatcher,
): Promise<ClassificationFigures | null> {
  const figures = {
    top1: metrics.create({ name: 'top1' }),
    top5: metrics.create({ name: 'top5' }),
    loss: metrics.create({ name: 'loss' }),
  }
  const total = loader.sampleCount
  const startedAt = performance.now()
  let imageCount = 0
  let badCount = 0
  for (;;) {
    if (watcher.isCancelled()) return null
    const batch = await nextBatch(loader, watcher.isCancelled)
    if (batch === 'given-up') return null
    if (!batch) break
    for (const { name, problem } of batch.bad) watcher.bad?.(name, problem)
    badCount += batch.bad.length
    const labels = batch.labels.slice()
    const images = imageTensor(batch, input, executor.precision.storage) // [B,H,W,C]
    batch.release()
    const outputs = executor.predict(images)
    const classCount = outputs['logits']!.shape.at(-1)!
    const logits = (await outputs['logits']!.data()) as Float32Array // [B·K]
    tf.dispose([images, ...Object.values(outputs)])
    for (const metric of Object.values(figures)) metric.add({ logits, labels, classCount })
    imageCount += labels.length
    const done = imageCount + badCount
    watcher.progress(done, total, Math.round(((performance.now() - startedAt) / done) * (total - done)))
    await setImmediate()
  }
  return {
    top1: figures.top1.value(),
    top5: figures.top5.value(),
    loss: figures.loss.value(),
    imageCount,
    skippedCount: total - imageCount,
  }
}
