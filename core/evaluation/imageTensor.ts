/** From decoded bytes to what a network takes. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from '../data/index.ts'
import type { Storage } from '../graph/index.ts'

/** All of it in one pass over the bytes, where the backend has it (core/backend/kernels). */
const fusedKernel = 'NormaliseImages'

/** How pixels are brought to the network's scale; mean and std are on the scale 0 to 1, one per channel. */
export interface InputScale {
  readonly size: number
  readonly channels: number
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Bytes of images, uint8 [count, height, width, channels]; of the network's input size where no other is given. */
export interface ImageBytes extends Pick<Batch, 'images' | 'count'> {
  readonly height?: number
  readonly width?: number
}

/**
 * (x/255 − mean)/std, computed on the backend from the batch's bytes. The batch may be released afterwards.
 * @param storage in which the network wants them.
 */
export function imageTensor(
  batch: ImageBytes,
  { size, channels, mean, std }: InputScale,
  storage: Storage = 'float32',
): tf.Tensor4D {
  const { height = size, width = size } = batch
  const shape: [number, number, number, number] = [batch.count, height, width, channels]
  if (tf.getKernel(fusedKernel, tf.getBackend())) {
    const attributes = {
      bytes: batch.images,
      shape,
      scale: std.map(value => 1 / (255 * value)),
      shift: mean.map((value, channel) => -value / std[channel]!),
      storage,
    }
    return tf.engine().runKernel<tf.Tensor4D>(fusedKernel, {}, attributes as unknown as tf.NamedAttrMap)
  }
  return tf.tidy(() => {
    const bytes = tf.tensor4d(batch.images, shape, 'int32') // [B,H,W,C]
    const scale = tf.tensor1d(std.map(value => 1 / (255 * value)))
    const shift = tf.tensor1d(mean.map((value, channel) => value / std[channel]!))
    return tf.sub<tf.Tensor4D>(tf.mul(tf.cast(bytes, 'float32'), scale), shift)
  })
}
