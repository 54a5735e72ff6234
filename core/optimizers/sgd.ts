/** Stochastic gradient descent with momentum, in PyTorch's form. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { alike, type DecayedParameter, type Slot } from './shared/optimizer.ts'
import type { Optimizer, ParameterUpdate, UpdatedParameter } from './shared/optimizer.ts'

/** The same step for all parameters in one call, where the backend has it (core/backend/kernels). */
const fusedKernel = 'SgdUpdateMany'

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
    const decayOf = ({ info, weightDecayFactor }: Omit<DecayedParameter, 'value'>): number =>
      noDecay === 'none' || info.kind === 'weight' ? weightDecay * weightDecayFactor : 0
    return {
      slots: (info): Record<string, Slot> => (momentum > 0 ? { momentum: alike(info) } : {}),
      update(parameters, { learningRate, gradientScale }) {
        const weightDecays = parameters.map(decayOf)
        const setting = { learningRate, momentum, nesterov, gradientScale }
        if (tf.getKernel(fusedKernel, tf.getBackend()))
          return fusedUpdate(parameters, { ...setting, weightDecays })
        return parameters.map((parameter, i) =>
          plainUpdate(parameter, { ...setting, weightDecay: weightDecays[i]! }),
        )
      },
      decayLoss(parameters) {
        return tf.tidy(() => {
          const halves = parameters
            .filter(each => decayOf(each) > 0)
            .map(each => tf.mul(tf.sum(tf.square(each.value)), decayOf(each) / 2))
          return halves.length === 0 ? tf.scalar(0) : tf.addN(halves)
        })
      },
    }
  },
})

interface Setting {
  readonly learningRate: number
  readonly momentum: number
  readonly nesterov: boolean
  readonly gradientScale: number
}

function fusedUpdate(
  parameters: readonly ParameterUpdate[],
  attributes: Setting & { readonly weightDecays: readonly number[] },
): UpdatedParameter[] {
  const values = parameters.map(({ value }) => value)
  const gradients = parameters.map(({ gradient }) => gradient)
  const velocities = parameters.flatMap(({ state }) => state['momentum'] ?? [])
  const inputs = [...values, ...gradients, ...velocities] as unknown as tf.NamedTensorMap
  const updated = tf
    .engine()
    .runKernel<tf.Tensor[]>(fusedKernel, inputs, attributes as unknown as tf.NamedAttrMap)
  return parameters.map((_, i): UpdatedParameter => {
    const velocity = updated[parameters.length + i]
    return { value: updated[i]!, state: velocity ? { momentum: velocity } : {} }
  })
}

function plainUpdate(
  { value, gradient, state }: ParameterUpdate,
  attributes: Setting & { readonly weightDecay: number },
): UpdatedParameter {
  const { learningRate, momentum, nesterov, weightDecay, gradientScale } = attributes
  const velocity = state['momentum']
  return tf.tidy((): { value: tf.Tensor; state: Record<string, tf.Tensor> } => {
    const unscaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale)
    const g = weightDecay > 0 ? tf.add(unscaled, tf.mul(value, weightDecay)) : unscaled
    if (!velocity) return { value: tf.sub(value, tf.mul(g, learningRate)), state: {} }
    // PyTorch starts the buffer at the first gradient; from zeros, momentum·0 + g is the same.
    const v = tf.add(tf.mul(velocity, momentum), g)
    const direction = nesterov ? tf.add(g, tf.mul(v, momentum)) : v
    return { value: tf.sub(value, tf.mul(direction, learningRate)), state: { momentum: v } }
  })
}
