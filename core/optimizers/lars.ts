/** LARS: SGD with momentum whose rate is, for each tensor, in proportion to its weights. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { eachParameter } from './shared/eachParameter.ts'
import { alike, type Optimizer } from './shared/optimizer.ts'

export const lars = entry({
  name: 'lars',
  title: 'LARS',
  summary: 'rate = η·‖w‖/(‖g‖ + decay·‖w‖ + ε);  v ← μ·v + lr·rate·(g + decay·w);  w ← w − v.',
  source:
    'You et al. 2017, Large Batch Training of Convolutional Networks; MindSpore nn.LARS (tensors without decay are not adapted)',
  options: z.strictObject({
    momentum: z.number().min(0).lt(1).default(0.9).meta({
      title: 'Momentum (μ)',
      description: 'Share of the previous step that each step keeps.',
    }),
    coefficient: z.number().gt(0).max(1).default(1e-3).meta({
      title: 'Trust coefficient (η)',
      description: 'Length of a step as a share of that of the weights, at a learning rate of 1.',
    }),
    epsilon: z.number().min(0).max(1).default(0).meta({
      title: 'Epsilon (ε)',
      description: 'Added to the norms that are divided by.',
    }),
    ...decayOptions(1e-4),
  }),
  create: (options): Optimizer => ({
    slots: info => ({ momentum: alike(info) }),
    update: (parameters, setting) =>
      eachParameter(parameters, setting, (gradient, parameter) => {
        const { value, state } = parameter
        const decay = decayOf(options, parameter)
        const rate = decay > 0 ? adaptedRate(value, gradient, decay, options) : tf.scalar(1)
        const g = tf.mul(tf.add(gradient, tf.mul(value, decay)), rate)
        const momentum = tf.add(tf.mul(state['momentum']!, options.momentum), tf.mul(g, setting.learningRate))
        return { value: tf.sub(value, momentum), state: { momentum } }
      }),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})

/** η·‖w‖/(‖g‖ + decay·‖w‖ + ε), and 1 where a norm is zero. [] */
function adaptedRate(
  value: tf.Tensor,
  gradient: tf.Tensor,
  decay: number,
  { coefficient, epsilon }: { readonly coefficient: number; readonly epsilon: number },
): tf.Tensor {
  const norm = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x)))
  const [weights, slope] = [norm(value), norm(gradient)]
  const both = tf.mul(tf.step(weights), tf.step(slope))
  const divisor = tf.add(tf.add(tf.add(slope, tf.mul(weights, decay)), epsilon), tf.sub(1, both))
  return tf.add(tf.mul(both, tf.div(tf.mul(weights, coefficient), divisor)), tf.sub(1, both))
}
