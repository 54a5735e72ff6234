/** Mean of every channel over height and width: [H, W, C] to [C]. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { hasKernel, runKernel } from './shared/kernel.ts'
import { readsNothing, type Op } from './shared/op.ts'

export const globalAvgPool: Op = {
  name: 'global_avg_pool',
  shape: ([image = []], _attributes, fail) => {
    if (image.length !== 3) fail(`expected an input [H, W, C], got [${image.join(', ')}]`)
    return [image[2] ?? 0]
  },
  macs: () => 0,
  forward: ({ inputs }) => {
    const x = inputs[0] as Tensor4D
    if (hasKernel('GlobalMean')) return { output: runKernel('GlobalMean', { x }) }
    const [batch, height, width, channels] = x.shape
    const pooled = height * width === 1 ? x : tf.avgPool(x, [height, width], 1, 'valid') // [B,1,1,C]
    return { output: tf.reshape(pooled, [batch, channels]) } // [B,C]
  },
  reads: () => readsNothing,
  backward: ({ dy, inputShapes }) => {
    const [height = 1, width = 1, channels = 1] = inputShapes[0] ?? []
    const batch = dy.shape[0] ?? 0
    if (hasKernel('GlobalMeanGrad')) {
      const inputShape = [batch, height, width, channels]
      return { inputs: [runKernel('GlobalMeanGrad', { dy }, { inputShape })] }
    }
    const share = tf.div(tf.reshape(dy, [batch, 1, 1, channels]), height * width) // [B,1,1,C]
    return { inputs: [tf.tile(share, [1, height, width, 1])] } // [B,H,W,C]
  },
}
