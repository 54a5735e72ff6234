/** Runs a network over every batch of a source. */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { imageTensor } from './imageTensor.ts'
import type { Network } from './network.ts'
import type { ViewedBatch, ViewSource } from './viewSource.ts'

export interface BatchWatcher {
  progress(done: number, total: number, etaMs: number | null): void
  /** Asked between batches, and while waiting for one. */
  readonly isCancelled: () => boolean
  /** Told of each image that cannot be used. */
  bad?(name: string, problem: string): void
}

/** One batch's outcome: the images, and an output of the network for each view, row-major [count · views, width]. */
export interface BatchOutput {
  readonly batch: Pick<ViewedBatch, 'indices' | 'labels' | 'count' | 'views'>
  readonly values: Float32Array
  readonly width: number
}

/**
 * @param role which output of the network
 * @param use told of each batch in turn
 * @returns images that were left out; null when cancelled.
 * @throws AppError invalid-config when the images are too small for the network.
 */
export async function forEachBatch(
  network: Network,
  source: ViewSource,
  role: string,
  watcher: BatchWatcher,
  use: (output: BatchOutput) => void | Promise<void>,
): Promise<number | null> {
  const startedAt = performance.now()
  const total = source.sampleCount
  let done = 0
  let badCount = 0
  for (;;) {
    if (watcher.isCancelled()) return null
    const batch = await source.next(watcher.isCancelled)
    if (batch === 'given-up') return null
    if (batch === null) return badCount
    for (const { name, problem } of batch.bad) watcher.bad?.(name, problem)
    badCount += batch.bad.length
    done += batch.count + batch.bad.length
    if (batch.count > 0) await use(await outputOf(network, batch, role))
    watcher.progress(done, total, Math.round(((performance.now() - startedAt) / done) * (total - done)))
    await setImmediate()
  }
}

async function outputOf(network: Network, viewed: ViewedBatch, role: string): Promise<BatchOutput> {
  const { views, height, width, bytes } = viewed
  const batch = {
    ...{ count: viewed.count, views },
    indices: viewed.indices.slice(),
    labels: viewed.labels.slice(),
  }
  const executor = network.at(height, width)
  if (!(role in executor.graph.outputs)) {
    const message = `${executor.graph.name}: it has no output '${role}'`
    throw new AppError('invalid-request', message, { field: role })
  }
  const images = imageTensor(
    { images: bytes, count: viewed.count * views, height, width },
    network.config.input,
    network.precision.storage,
  ) // [B,H,W,C]
  viewed.release()
  let output: tf.Tensor | undefined
  try {
    output = executor.predict(images, [role])[role]!
    return { batch, values: (await output.data()) as Float32Array, width: output.shape.at(-1)! }
  } finally {
    tf.dispose([images, output ?? []])
  }
}
