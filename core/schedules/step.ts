/** Step decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  everyEpochs: z.int().min(1).max(10_000).default(30).meta({
    title: 'Decay every',
    description: 'Time between two decays, counted from the start of the run.',
    unit: 'epochs',
  }),
  factor: z.number().gt(0).lt(1).default(0.1).meta({
    title: 'Decay factor',
    description: 'What the learning rate is multiplied by at each decay.',
  }),
  ...warmupOptions,
})

export const step = entry({
  name: 'step',
  title: 'Step decay',
  summary: 'lr·factor^⌊epoch / everyEpochs⌋.',
  source: 'He et al. 2015, Deep Residual Learning, §3.4; pytorch/examples imagenet/main.py',
  options: Options,
  create: options =>
    withWarmup(options, (index, { stepsPerEpoch }) => {
      const epoch = Math.floor(index / stepsPerEpoch)
      return options.learningRate * options.factor ** Math.floor(epoch / options.everyEpochs)
    }),
})
