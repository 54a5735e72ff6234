/** MindSpore's cosine with a warm-up from zero, as its ResNet recipes compute it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { mindsporeCosine } from './mindspore-cosine.ts'
import { maxLearningRate, mindsporeSource, warmupEpochs } from './shared/mindspore.ts'

export const mindsporeWarmupCosineAnnealing = entry({
  name: 'mindspore-warmup-cosine-annealing',
  title: 'MindSpore warm-up cosine annealing',
  summary:
    'Warm-up max·(i + 1)/W, then max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]: mindspore-cosine from 0.',
  source: mindsporeSource,
  options: z.strictObject({ learningRate: maxLearningRate, warmupEpochs }),
  create: options => mindsporeCosine.create({ ...options, initialLearningRate: 0 }),
})
