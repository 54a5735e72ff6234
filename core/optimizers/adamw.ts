/** Adam with decoupled weight decay. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { momentOptions, moments, momentSlots } from './shared/adam.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { eachParameter } from './shared/eachParameter.ts'
import type { Optimizer } from './shared/optimizer.ts'

export const adamw = entry({
  name: 'adamw',
  title: 'AdamW',
  summary: 'w ← w·(1 − lr·decay) − lr·m̂/(√v̂ + ε), with running means m of g and v of g².',
  source:
    'Loshchilov and Hutter 2019; torch.optim.AdamW. Coupled decay: Kingma and Ba 2015; torch.optim.Adam',
  options: z.strictObject({
    ...momentOptions,
    epsilon: z.number().gt(0).max(1).default(1e-8).meta({
      title: 'Epsilon (ε)',
      description: 'Added to the root of the mean square.',
    }),
    decoupled: z.boolean().default(true).meta({
      title: 'Decoupled decay',
      description:
        'Decay the weights themselves, as AdamW does; without it decay is added to the gradient, as Adam does.',
    }),
    ...decayOptions(0.01),
  }),
  create: (options): Optimizer => ({
    slots: momentSlots,
    update: (parameters, setting) =>
      eachParameter(parameters, setting, (gradient, parameter) => {
        const { learningRate, step } = setting
        const decay = decayOf(options, parameter)
        const { value } = parameter
        const g = options.decoupled ? gradient : tf.add(gradient, tf.mul(value, decay))
        const { mean, meanSquare, correction1, correction2 } = moments(g, parameter.state, options, step)
        const root = tf.add(tf.mul(tf.sqrt(meanSquare), 1 / Math.sqrt(correction2)), options.epsilon)
        const decayed = options.decoupled ? tf.mul(value, 1 - learningRate * decay) : value
        const next = tf.sub(decayed, tf.mul(tf.div(mean, root), learningRate / correction1))
        return { value: next, state: { mean, meanSquare } }
      }),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})
