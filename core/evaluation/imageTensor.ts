/** From decoded bytes to what a network takes. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from '../data/index.ts'

/** How pixels are brought to the network's scale; mean and std are on the scale 0 to 1, one per channel. */
export interface InputScale {
  readonly size: number
  readonly channels: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** (x/255 − mean)/std, computed on the backend from the batch's bytes. The batch may be released afterwards. */
export function imageTensor(batch: Batch, { size, channels, mean, std }: InputScale): tf.Tensor4D {
  return tf.tidy(() => {
    const bytes = tf.tensor4d(batch.images, [batch.count, size, size, channels], 'int32') // [B,H,W,C]
    const scale = tf.tensor1d(std.map(value => 1 / (255 * value)))
    const shift = tf.tensor1d(mean.map((value, channel) => value / std[channel]!))
    return tf.sub<tf.Tensor4D>(tf.mul(tf.cast(bytes, 'float32'), scale), shift)
  })
}
