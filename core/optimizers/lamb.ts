/** LAMB: Adam whose step is as long, for each tensor, as its weights. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { momentOptions, moments, momentSlots } from './shared/adam.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { eachParameter } from './shared/eachParameter.ts'
import type { Optimizer } from './shared/optimizer.ts'

export const lamb = entry({
  name: 'lamb',
  title: 'LAMB',
  summary: 'u = m̂/(√v̂ + ε) + decay·w;  w ← w − lr·(‖w‖/‖u‖)·u.',
  source:
    'You et al. 2020, Large Batch Optimization for Deep Learning; NVIDIA and timm Lamb: tensors without decay take Adam’s own step. Their clipping of the gradient’s norm to 1 is training.clip here',
  options: z.strictObject({
    ...momentOptions,
    epsilon: z.number().gt(0).max(1).default(1e-6).meta({
      title: 'Epsilon (ε)',
      description: 'Added to the root of the mean square.',
    }),
    alwaysAdapt: z.boolean().default(false).meta({
      title: 'Adapt without decay',
      description: 'Adapt the length also of tensors that are not decayed.',
    }),
    ...decayOptions(0.01),
  }),
  create: (options): Optimizer => ({
    slots: momentSlots,
    update: (parameters, setting) =>
      eachParameter(parameters, setting, (gradient, parameter) => {
        const { value, state } = parameter
        const decay = decayOf(options, parameter)
        const found = moments(gradient, state, options, setting.step)
        const { mean, meanSquare, correction1, correction2 } = found
        const root = tf.add(tf.mul(tf.sqrt(meanSquare), 1 / Math.sqrt(correction2)), options.epsilon)
        const adam = tf.div(tf.mul(mean, 1 / correction1), root)
        const direction = tf.add(adam, tf.mul(value, decay))
        const ratio = decay > 0 || options.alwaysAdapt ? trustRatio(value, direction) : tf.scalar(1)
        const next = tf.sub(value, tf.mul(direction, tf.mul(ratio, setting.learningRate)))
        return { value: next, state: { mean, meanSquare } }
      }),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})

/** ‖w‖/‖u‖, and 1 where one of them is zero. [] */
function trustRatio(value: tf.Tensor, direction: tf.Tensor): tf.Tensor {
  const norm = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x)))
  const [weights, update] = [norm(value), norm(direction)]
  const both = tf.mul(tf.step(weights), tf.step(update)) // 1 where neither is zero
  return tf.add(tf.mul(both, tf.div(weights, tf.add(update, tf.sub(1, both)))), tf.sub(1, both))
}
