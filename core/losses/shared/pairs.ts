/** Which images of a batch show the same. Masks are float32 [B,B] with 1 where a pair counts. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

export interface Pairs {
  readonly size: number
  /** Pairs of the same instance, an image with itself left out. */
  readonly same: Tensor2D
  /** Pairs of different instances. */
  readonly other: Tensor2D
  /** Images of the same instance beside each one, [B]. */
  readonly sameCounts: Int32Array
}

/** @param groups what each image shows, [B]. The masks belong to the caller's tidy. */
export function pairsOf(groups: Int32Array): Pairs {
  const size = groups.length
  const same = new Float32Array(size * size)
  const other = new Float32Array(size * size)
  const sameCounts = new Int32Array(size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      if (row === column) continue
      const isSame = groups[row] === groups[column]
      ;(isSame ? same : other)[row * size + column] = 1
      if (isSame) sameCounts[row] = sameCounts[row]! + 1
    }
  return { size, same: tf.tensor2d(same, [size, size]), other: tf.tensor2d(other, [size, size]), sameCounts }
}
