/** Step decay at chosen epochs. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  milestones: z
    .array(z.number().gt(0).max(10_000))
    .min(1)
    .max(100)
    .default([30, 60, 80])
    .refine(list => list.every((epoch, index) => index === 0 || epoch > list[index - 1]!), {
      message: 'expected epochs in rising order, each once',
    })
    .meta({
      title: 'Milestones',
      description:
        'Epochs, counted from the start of the run, at which the learning rate is multiplied by the factor.',
      unit: 'epochs',
    }),
  factor: z.number().gt(0).lt(1).default(0.1).meta({
    title: 'Decay factor',
    description: 'What the learning rate is multiplied by at each milestone.',
  }),
  ...warmupOptions,
})

export const multiStep = entry({
  name: 'multi-step',
  title: 'Multi-step decay',
  summary: 'lr·factor^(number of milestones passed).',
  source: 'He et al. 2015, Deep Residual Learning, §4.2; torch.optim.lr_scheduler.MultiStepLR',
  options: Options,
  create: options =>
    withWarmup(options, (index, { stepsPerEpoch }) => {
      const passedCount = options.milestones.filter(
        epoch => index >= Math.round(epoch * stepsPerEpoch),
      ).length
      return options.learningRate * options.factor ** passedCount
    }),
})
