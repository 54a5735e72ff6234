/** Principal components of embeddings. */
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import type { Embeddings } from '../embeddings.ts'
import { product } from '../product.ts'
import { symmetricEigen } from './symmetricEigen.ts'

export interface Principal {
  /** [C] */
  readonly mean: Float64Array
  /** Variance along each component (with n in the denominator), descending, [C]. */
  readonly variances: Float64Array
  /** One component a row, of unit length, [C, C]. */
  readonly components: Float64Array
}

export interface PrincipalWatcher {
  progress(phase: 'averaging' | 'covariance' | 'eigenvectors', done: number, total: number): void
  readonly isCancelled: () => boolean
}

/** Rows that are multiplied at once: products are summed in float32 within them, in float64 between them. */
const blockRows = 512

/**
 * @returns null when cancelled.
 * @throws AppError data-invalid with fewer than two embeddings.
 */
export async function principalComponents(
  embeddings: Embeddings,
  watcher: PrincipalWatcher,
): Promise<Principal | null> {
  const { count, width } = embeddings
  if (count < 2) {
    const message = `Whitening: expected at least 2 images to learn from, got ${count}. Take a split with more, best thousands`
    throw new AppError('data-invalid', message, { count })
  }
  const mean = await meanOf(embeddings, watcher)
  const covariance = mean && (await covarianceOf(embeddings, mean, watcher))
  if (!mean || !covariance || watcher.isCancelled()) return null
  const pause = async (share: number): Promise<void> => {
    watcher.progress('eigenvectors', Math.round(share * width), width)
    await setImmediate()
    if (watcher.isCancelled()) throw new AppError('cancelled', 'The whitening was cancelled')
  }
  const { values, vectors } = await symmetricEigen(covariance, width, pause)
  return { mean, variances: values.map(value => Math.max(value, 0)), components: vectors }
}

async function meanOf(embeddings: Embeddings, watcher: PrincipalWatcher): Promise<Float64Array | null> {
  const { count, width } = embeddings
  const sums = new Float64Array(width)
  for (let from = 0; from < count; from += blockRows) {
    if (watcher.isCancelled()) return null
    const rows = await embeddings.rows(from, Math.min(from + blockRows, count))
    for (let at = 0; at < rows.length; at++) sums[at % width]! += rows[at]!
    watcher.progress('averaging', from, count)
  }
  return sums.map(sum => sum / count)
}

async function covarianceOf(
  embeddings: Embeddings,
  mean: Float64Array,
  watcher: PrincipalWatcher,
): Promise<Float64Array | null> {
  const { count, width } = embeddings
  const sums = new Float64Array(width * width)
  for (let from = 0; from < count; from += blockRows) {
    if (watcher.isCancelled()) return null
    const rows = await embeddings.rows(from, Math.min(from + blockRows, count))
    // Centred in double precision first: the difference of large sums would lose digits.
    const centred = rows.map((value, at) => value - mean[at % width]!)
    const products = tf.tidy(() => {
      const x = tf.tensor2d(centred, [rows.length / width, width]) // [b,C]
      return product(tf.transpose(x), x) // [C,C]
    })
    const values = (await products.data()) as Float32Array
    products.dispose()
    for (let at = 0; at < sums.length; at++) sums[at]! += values[at]!
    watcher.progress('covariance', from, count)
    await setImmediate()
  }
  return sums.map(sum => sum / count)
}
