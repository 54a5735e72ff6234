/** RMSProp as PyTorch computes it. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { blend, eachParameter } from './shared/eachParameter.ts'
import { alike, type Optimizer, type Slot } from './shared/optimizer.ts'

export const rmsprop = entry({
  name: 'rmsprop',
  title: 'RMSProp',
  summary: 'ms ← α·ms + (1 − α)·g², from 0;  v ← μ·v + g/(√ms + ε);  w ← w − lr·v.',
  source:
    'torch.optim.RMSprop (ms starts at zero, ε outside the root, lr outside the momentum); Graves 2013 for centred',
  options: z.strictObject({
    decay: z.number().min(0).lt(1).default(0.99).meta({
      title: 'Decay (α)',
      description: 'Share of the mean square that each step keeps.',
    }),
    momentum: z.number().min(0).lt(1).default(0).meta({
      title: 'Momentum (μ)',
      description: 'Share of the previous direction that each step keeps.',
    }),
    epsilon: z.number().gt(0).max(10).default(1e-8).meta({
      title: 'Epsilon (ε)',
      description: 'Added to the root of the mean square.',
    }),
    centred: z.boolean().default(false).meta({
      title: 'Centred',
      description: 'Divide by the standard deviation of the gradient instead of its mean square.',
    }),
    ...decayOptions(0),
  }),
  create: (options): Optimizer => ({
    slots: info => ({
      meanSquare: alike(info),
      ...(options.momentum > 0 ? { momentum: alike(info) } : ({} as Record<string, Slot>)),
      ...(options.centred ? { mean: alike(info) } : {}),
    }),
    update: (parameters, setting) =>
      eachParameter(parameters, setting, (gradient, parameter) => {
        const { value, state } = parameter
        const { decay, momentum, epsilon, centred } = options
        const g = tf.add(gradient, tf.mul(value, decayOf(options, parameter)))
        const meanSquare = blend(state['meanSquare']!, tf.square(g), decay)
        const mean = centred ? blend(state['mean']!, g, decay) : null
        const variance = mean ? tf.sub(meanSquare, tf.square(mean)) : meanSquare
        const direction = tf.div(g, tf.add(tf.sqrt(variance), epsilon))
        const kept = { meanSquare, ...(mean ? { mean } : {}) }
        if (momentum === 0)
          return { value: tf.sub(value, tf.mul(direction, setting.learningRate)), state: kept }
        const velocity = tf.add(tf.mul(state['momentum']!, momentum), direction)
        const next = tf.sub(value, tf.mul(velocity, setting.learningRate))
        return { value: next, state: { ...kept, momentum: velocity } }
      }),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})
