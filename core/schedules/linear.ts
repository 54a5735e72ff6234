/** Linear decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

export const linear = entry({
  name: 'linear',
  title: 'Linear',
  summary: 'A straight line from the peak to the final learning rate, step by step.',
  source: 'torch.optim.lr_scheduler.LinearLR from 1 to the ratio of final to peak',
  options: z.strictObject({ learningRate: learningRateOption, finalLearningRate, ...warmupOptions }),
  create: options =>
    withWarmup(options, (_step, _length, progress) => {
      const { learningRate, finalLearningRate: final } = options
      return learningRate + (final - learningRate) * progress
    }),
})
