/** MindSpore linear, as MindSpore's ResNet recipes compute it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import {
  initialLearningRate,
  lengths,
  maxLearningRate,
  mindsporeSource,
  warmupEpochs,
} from './shared/mindspore.ts'
import type { Schedule } from './shared/schedule.ts'

export const mindsporeLinear = entry({
  name: 'mindspore-linear',
  title: 'MindSpore linear',
  summary: 'Warm-up init + (max − init)·i/W, then a straight line from max to end.',
  source: mindsporeSource,
  options: z.strictObject({
    learningRate: maxLearningRate,
    initialLearningRate,
    finalLearningRate,
    warmupEpochs,
  }),
  create:
    (options): Schedule =>
    (index, length) => {
      const { learningRate: max, initialLearningRate: init, finalLearningRate: end } = options
      const { warmup, decay } = lengths(options.warmupEpochs, length)
      if (index < warmup) return init + ((max - init) * index) / warmup
      return max - ((max - end) * (index - warmup)) / decay
    },
})
