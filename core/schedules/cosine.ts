/** Cosine decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

export const cosine = entry({
  name: 'cosine',
  title: 'Cosine',
  summary: 'Half a cosine from the peak to the final learning rate, step by step.',
  source: 'Loshchilov & Hutter 2017, SGDR, eq. 5; torch.optim.lr_scheduler.CosineAnnealingLR',
  options: z.strictObject({ learningRate: learningRateOption, finalLearningRate, ...warmupOptions }),
  create: options =>
    withWarmup(options, (_step, _length, progress) => {
      const { learningRate, finalLearningRate: final } = options
      return final + ((learningRate - final) * (1 + Math.cos(Math.PI * progress))) / 2
    }),
})
