/**
 * Every channel of an image times a factor of its own: [H, W, C] and [C] to [H, W, C].
 *
 * @source Hu et al. 2018, Squeeze-and-Excitation Networks, eq. 4.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Op } from './shared/op.ts'

export const scale: Op = {
  name: 'scale',
  shape: ([image = [], factors = []], _attributes, fail) => {
    if (image.length !== 3 || factors.length !== 1 || image[2] !== factors[0])
      fail(`expected inputs [H, W, C] and [C], got [${image.join(', ')}] and [${factors.join(', ')}]`)
    return [...image]
  },
  macs: () => 0,
  forward: ({ inputs: [x, factors] }) => ({ output: tf.mul(x!, spread(factors!)) }),
  reads: () => ({ inputs: [0, 1], output: false }),
  backward: ({ dy, input, wants }) => ({
    inputs: [
      wants(0) ? tf.mul(dy, spread(input(1))) : null, // [B,H,W,C]
      wants(1) ? tf.sum(tf.mul(dy, input(0)), [1, 2]) : null, // [B,C]
    ],
  }),
}

/** [B,C] as [B,1,1,C]. */
function spread(factors: Tensor): Tensor {
  const [batch = 1, channels = 1] = factors.shape
  return tf.reshape(factors, [batch, 1, 1, channels])
}
