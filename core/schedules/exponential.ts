/** Exponential decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  factor: z.number().gt(0).lte(1).default(0.95).meta({
    title: 'Decay factor',
    description: 'What the learning rate is multiplied by in the course of each epoch.',
  }),
  ...warmupOptions,
})

export const exponential = entry({
  name: 'exponential',
  title: 'Exponential',
  summary: 'lr·factor^epochs, step by step, counted from the start of the run.',
  source: 'torch.optim.lr_scheduler.ExponentialLR, where the rate changes with every epoch',
  options: Options,
  create: options =>
    withWarmup(
      options,
      (index, { stepsPerEpoch }) => options.learningRate * options.factor ** (index / stepsPerEpoch),
    ),
})
