/**
 * Per-channel reductions and broadcasts of [B, H, W, C] and [B, C] tensors, in forms that are quick on every backend.
 *
 * Reductions are average pools, first over a row, then over the rows, then over the batch: tfjs's `sum` over the outer axes
 * transposes first (eight times slower on wasm), and summing in three short stages also rounds less than one long sum.
 * Broadcasts run over whole rows [W·C], not over C, so that the inner loop is long.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core'

/** Mean of every channel over batch, height and width. @returns [C] */
export function channelMean(x: Tensor): Tensor1D {
  return tf.tidy(() => {
    const channels = x.shape.at(-1) ?? 1
    const [batch, height, width] =
      x.rank === 4 ? (x.shape as [number, number, number]) : [x.shape[0] ?? 1, 1, 1]
    const rows = meanOfAxis(tf.reshape(x, [1, batch * height, width, channels])) // [B·H, C]
    const images = meanOfAxis(tf.reshape(rows, [1, batch, height, channels])) // [B, C]
    const all = meanOfAxis(tf.reshape(images, [1, 1, batch, channels])) // [1, C]
    return tf.reshape(all, [channels]) // [C]
  })
}

/** How many values each channel's mean is over. */
export function valuesPerChannel(x: Tensor): number {
  return x.size / (x.shape.at(-1) ?? 1)
}

/** x · scale + shift, with one scale and one shift per channel. */
export function scaleAndShift(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  return tf.tidy(() => {
    const rows = asRows(x)
    const scaled = tf.mul(rows, rowOf(scale, rows)) // [B·H, W·C]
    const shifted = tf.add(scaled, rowOf(shift, rows))
    scaled.dispose()
    return tf.reshape(shifted, x.shape)
  })
}

/** x · scale, one scale per channel. */
export function scaleChannels(x: Tensor, scale: Tensor): Tensor {
  return tf.tidy(() => {
    const rows = asRows(x)
    return tf.reshape(tf.mul(rows, rowOf(scale, rows)), x.shape)
  })
}

/** x − offset, one offset per channel. */
export function centreChannels(x: Tensor, offset: Tensor): Tensor {
  return tf.tidy(() => {
    const rows = asRows(x)
    return tf.reshape(tf.sub(rows, rowOf(offset, rows)), x.shape)
  })
}

/** Mean over the third axis of [1, R, N, C]. An average pool of one pixel is no pool for wasm's library, so it is skipped. */
function meanOfAxis(x: Tensor): Tensor {
  const [, rows = 1, length = 1, channels = 1] = x.shape
  if (length === 1) return tf.reshape(x, [rows, channels])
  return tf.reshape(tf.avgPool(x as Tensor4D, [1, length], 1, 'valid'), [rows, channels])
}

/** [B, H, W, C] as [B·H, W·C]. */
function asRows(x: Tensor): Tensor {
  const rowLength = x.rank === 4 ? (x.shape[2] ?? 1) * (x.shape[3] ?? 1) : (x.shape[1] ?? 1)
  return tf.reshape(x, [x.size / rowLength, rowLength])
}

/** A vector [C] repeated to the row's length. */
function rowOf(vector: Tensor, rows: Tensor): Tensor {
  const repeats = (rows.shape[1] ?? 1) / vector.size
  return repeats === 1 ? vector : tf.tile(vector, [repeats])
}
