/** Polynomial decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  finalLearningRate,
  power: z.number().gt(0).max(20).default(2).meta({
    title: 'Power',
    description: 'Exponent of the decay; 1 is a straight line, more falls faster at first.',
  }),
  ...warmupOptions,
})

export const polynomial = entry({
  name: 'polynomial',
  title: 'Polynomial',
  summary: 'final + (peak − final)·(1 − progress)^power.',
  source:
    'You et al. 2017, Large Batch Training of Convolutional Networks (power 2); torch.optim.lr_scheduler.PolynomialLR',
  options: Options,
  create: options =>
    withWarmup(options, (_step, _length, progress) => {
      const { learningRate, finalLearningRate: final, power } = options
      return final + (learningRate - final) * (1 - progress) ** power
    }),
})
