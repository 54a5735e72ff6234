/** Stochastic gradient descent with momentum, in PyTorch's form. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { ParameterInfo } from '../graph/index.ts'
import { entry } from '../registry/registry.ts'
import type { Optimizer } from './shared/optimizer.ts'

/** The same step in one pass, where the backend has it (core/backend/kernels). */
const fusedKernel = 'SgdUpdate'

const Fields = z.strictObject({
  momentum: z.number().min(0).lt(1).default(0.9).meta({
    title: 'Momentum',
    description: 'Share of the previous direction that each step keeps. 0 is plain gradient descent.',
  }),
  nesterov: z.boolean().default(false).meta({
    title: 'Nesterov momentum',
    description: 'Look ahead along the momentum before stepping.',
  }),
  weightDecay: z.number().min(0).max(1).default(1e-4).meta({
    title: 'Weight decay',
    description: 'L2 coefficient added to the gradient as decay·w.',
  }),
  noDecay: z
    .enum(['none', 'bn-and-bias'])
    .default('none')
    .meta({
      title: 'Leave out of weight decay',
      description:
        'none: decay every parameter, as PyTorch does by default. ' +
        'bn-and-bias: spare the scales and shifts of batch norm and all biases, as MindSpore recipes do.',
    }),
})

/** As in PyTorch, Nesterov without momentum is refused: it would quietly be plain descent. */
const Options = Fields.refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
  path: ['nesterov'],
  message: 'expected false, as momentum is 0. Nesterov momentum needs momentum above 0, such as 0.9',
})

export const sgd = entry({
  name: 'sgd',
  title: 'SGD with momentum',
  summary: 'g ← g + decay·w;  v ← momentum·v + g;  w ← w − lr·v, or w − lr·(g + momentum·v) with Nesterov.',
  source:
    'Sutskever et al. 2013, On the importance of initialization and momentum; torch.optim.SGD with dampening 0',
  options: Options,
  create: ({ momentum, nesterov, weightDecay, noDecay }): Optimizer => {
    const decays = (info: ParameterInfo): boolean =>
      weightDecay > 0 && (noDecay === 'none' || info.kind === 'weight')
    return {
      slots: momentum > 0 ? { momentum: 'zeros' } : {},
      update({ info, value, gradient, state }, learningRate) {
        const decay = decays(info) ? weightDecay : 0
        const velocity = state['momentum']
        if (velocity && tf.getKernel(fusedKernel, tf.getBackend())) {
          const inputs = { value, gradient, velocity }
          const attributes = { learningRate, momentum, nesterov, weightDecay: decay }
          const [updated, v] = tf.engine().runKernel<[tf.Tensor, tf.Tensor]>(fusedKernel, inputs, attributes)
          return { value: updated, state: { momentum: v } }
        }
        return tf.tidy((): ReturnType<Optimizer['update']> => {
          const g = decay > 0 ? tf.add(gradient, tf.mul(value, decay)) : gradient
          if (!velocity) return { value: tf.sub(value, tf.mul(g, learningRate)), state: {} }
          // PyTorch starts the buffer at the first gradient; from zeros, momentum·0 + g is the same.
          const v = tf.add(tf.mul(velocity, momentum), g)
          const direction = nesterov ? tf.add(g, tf.mul(v, momentum)) : v
          return { value: tf.sub(value, tf.mul(direction, learningRate)), state: { momentum: v } }
        })
      },
      decayLoss(parameters) {
        return tf.tidy(() => {
          const squares = parameters
            .filter(({ info }) => decays(info))
            .map(({ value }) => tf.sum(tf.square(value)))
          return squares.length === 0 ? tf.scalar(0) : tf.mul(tf.addN(squares), weightDecay / 2)
        })
      },
    }
  },
})
