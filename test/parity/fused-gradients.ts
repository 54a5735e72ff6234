/**
 * Gradients of the fused batch-norm kernels for tfjs's tape, each derived for its kernel alone. With them the tape runs forward
 * through the very kernels that the executor uses, so that the same ReLUs are open, and its backward owes nothing to the
 * executor's fused one.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'

/** Registers the gradients of `ChannelMoments` and `ScaleShift`. */
export function registerFusedGradients(): void {
  tf.registerGradient({
    kernelName: 'ChannelMoments',
    inputsToSave: ['x'],
    outputsToSave: [true, false],
    gradFunc: (dy, [x, mean]) => ({
      x: () => {
        const [dMean, dVariance] = dy as Tensor[]
        const count = x!.size / mean!.size
        return tf.add(tf.div(dMean!, count), tf.mul(tf.sub(x!, mean!), tf.mul(dVariance!, 2 / count)))
      },
    }),
  })
  tf.registerGradient({
    kernelName: 'ScaleShift',
    inputsToSave: ['x', 'scale'],
    outputsToSave: [true],
    gradFunc: (dy, [x, scale, y], attributes) => {
      const dz = (): Tensor => (attributes['relu'] ? tf.mul(dy as Tensor, tf.step(y!)) : (dy as Tensor))
      const axes = x!.shape.slice(0, -1).map((_, axis) => axis)
      return {
        x: () => tf.mul(dz(), scale!),
        scale: () => tf.sum(tf.mul(dz(), x!), axes),
        shift: () => tf.sum(dz(), axes),
        addend: () => tf.clone(dz()),
      }
    },
  })
}
