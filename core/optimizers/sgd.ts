/** Stochastic gradient descent with momentum, in PyTorch's form. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { descend } from './shared/descend.ts'
import { alike, type Optimizer, type Slot } from './shared/optimizer.ts'

const Fields = z.strictObject({
  momentum: z.number().min(0).lt(1).default(0.9).meta({
    title: 'Momentum',
    description: 'Share of the previous direction that each step keeps. 0 is plain gradient descent.',
  }),
  nesterov: z.boolean().default(false).meta({
    title: 'Nesterov momentum',
    description: 'Look ahead along the momentum before stepping.',
  }),
  ...decayOptions(1e-4),
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
    const decay = { weightDecay, noDecay }
    return {
      slots: (info): Record<string, Slot> => (momentum > 0 ? { momentum: alike(info) } : {}),
      update: (parameters, { learningRate, gradientScale }) =>
        descend(parameters, {
          ...{ learningRate, momentum, nesterov, gradientScale },
          weightDecays: parameters.map(each => decayOf(decay, each)),
        }),
      decayLoss: parameters => decayLoss(decay, parameters),
    }
  },
})
