/** Cosine decay that starts again. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, warmupSteps, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  finalLearningRate,
  cycleEpochs: z.number().gt(0).max(10_000).default(10).meta({
    title: 'First cycle',
    description: 'Length of the first cycle after the warm-up.',
    unit: 'epochs',
  }),
  lengthen: z.number().min(1).max(10).default(2).meta({
    title: 'Lengthen by',
    description: 'Each cycle is so many times as long as the one before.',
  }),
  restartFactor: z.number().gt(0).lte(1).default(1).meta({
    title: 'Restart factor',
    description: 'What the peak is multiplied by at each restart.',
  }),
  ...warmupOptions,
})

export const cosineRestarts = entry({
  name: 'cosine-restarts',
  title: 'Cosine with restarts',
  summary: 'Half a cosine from the peak to the final learning rate, over and over in longer cycles.',
  source:
    "Loshchilov & Hutter 2017, SGDR, eq. 5; torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; timm's cycle decay",
  options: Options,
  create: options =>
    withWarmup(options, (index, length) => {
      const { finalLearningRate: final, lengthen, restartFactor } = options
      let left = index - warmupSteps(options.warmupEpochs, length)
      let cycle = Math.max(1, Math.round(options.cycleEpochs * length.stepsPerEpoch))
      let peak = options.learningRate
      while (left >= cycle) {
        left -= cycle
        cycle *= lengthen
        peak *= restartFactor
      }
      return final + (Math.max(0, peak - final) * (1 + Math.cos((Math.PI * left) / cycle))) / 2
    }),
})
