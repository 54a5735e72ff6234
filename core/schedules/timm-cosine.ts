/** Cosine over the whole run, of which a warm-up takes the place of the beginning. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

export const timmCosine = entry({
  name: 'timm-cosine',
  title: 'timm cosine',
  summary:
    'After the warm-up, the cosine where it would be without one: the rate falls a little at once. Otherwise as cosine.',
  source:
    "timm's CosineLRScheduler with warmup_prefix false, its default; with warmup_prefix true it is cosine. timm changes the rate with every epoch",
  options: z.strictObject({ learningRate: learningRateOption, finalLearningRate, ...warmupOptions }),
  create: options =>
    withWarmup(options, (index, { stepsPerEpoch, epochs }) => {
      const { learningRate, finalLearningRate: final } = options
      const progress = Math.min(1, index / (stepsPerEpoch * epochs))
      return final + ((learningRate - final) * (1 + Math.cos(Math.PI * progress))) / 2
    }),
})
