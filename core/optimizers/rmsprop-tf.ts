/** RMSProp as TensorFlow computes it, which Inception's recipes were tuned for. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { blend, eachParameter } from './shared/eachParameter.ts'
import { alike, type Optimizer } from './shared/optimizer.ts'

export const rmspropTf = entry({
  name: 'rmsprop-tf',
  title: 'RMSProp, TensorFlow',
  summary: 'ms ← ρ·ms + (1 − ρ)·g², from 1;  m ← μ·m + lr·g/√(ms + ε);  w ← w − m.',
  source:
    'tf.compat.v1.train.RMSPropOptimizer (ms starts at one, ε inside the root, lr in the momentum); TF-slim',
  options: z.strictObject({
    decay: z.number().min(0).lt(1).default(0.9).meta({
      title: 'Decay (ρ)',
      description: 'Share of the mean square that each step keeps.',
    }),
    momentum: z.number().min(0).lt(1).default(0.9).meta({
      title: 'Momentum (μ)',
      description: 'Share of the previous step that each step keeps.',
    }),
    epsilon: z.number().gt(0).max(10).default(1).meta({
      title: 'Epsilon (ε)',
      description: 'Added to the mean square under the root. Inception’s recipes have 1.',
    }),
    ...decayOptions(4e-5),
    noDecay: z.enum(['none', 'bn-and-bias']).default('bn-and-bias').meta({
      title: 'Leave out of weight decay',
      description: 'bn-and-bias: only weights are decayed, as slim does; none: everything is.',
    }),
  }),
  create: (options): Optimizer => ({
    slots: info => ({ meanSquare: alike(info, 'ones'), momentum: alike(info) }),
    update: (parameters, setting) =>
      eachParameter(parameters, setting, (gradient, parameter) => {
        const { value, state } = parameter
        const g = tf.add(gradient, tf.mul(value, decayOf(options, parameter)))
        const meanSquare = blend(state['meanSquare']!, tf.square(g), options.decay)
        const direction = tf.div(
          tf.mul(g, setting.learningRate),
          tf.sqrt(tf.add(meanSquare, options.epsilon)),
        )
        const momentum = tf.add(tf.mul(state['momentum']!, options.momentum), direction)
        return { value: tf.sub(value, momentum), state: { meanSquare, momentum } }
      }),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})
