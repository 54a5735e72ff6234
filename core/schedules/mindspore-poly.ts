/** MindSpore polynomial, as MindSpore's ResNet recipes compute it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import {
  initialLearningRate,
  lengths,
  maxLearningRate,
  mindsporeSource,
  warmupEpochs,
} from './shared/mindspore.ts'
import type { Schedule } from './shared/schedule.ts'

export const mindsporePoly = entry({
  name: 'mindspore-poly',
  title: 'MindSpore polynomial',
  summary: 'Warm-up init + (max − init)·i/W, then max·(1 − (i − W)/D)².',
  source: mindsporeSource,
  options: z.strictObject({ learningRate: maxLearningRate, initialLearningRate, warmupEpochs }),
  create:
    (options): Schedule =>
    (index, length) => {
      const { learningRate: max, initialLearningRate: init } = options
      const { warmup, decay } = lengths(options.warmupEpochs, length)
      if (index < warmup) return init + ((max - init) * index) / warmup
      return max * (1 - (index - warmup) / decay) ** 2
    },
})
