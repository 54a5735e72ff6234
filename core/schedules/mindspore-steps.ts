/** MindSpore steps, as MindSpore's ResNet recipes compute it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import {
  initialLearningRate,
  lengths,
  maxLearningRate,
  mindsporeSource,
  staircase,
  warmupEpochs,
} from './shared/mindspore.ts'
import type { Schedule } from './shared/schedule.ts'

export const mindsporeSteps = entry({
  name: 'mindspore-steps',
  title: 'MindSpore steps',
  summary: 'Warm-up init + (max − init)·i/W; ×1, ×0.1, ×0.01, ×0.001 from 0.3, 0.6 and 0.8 of the run.',
  source: mindsporeSource,
  options: z.strictObject({ learningRate: maxLearningRate, initialLearningRate, warmupEpochs }),
  create:
    (options): Schedule =>
    (index, length) => {
      const { learningRate: max, initialLearningRate: init } = options
      const { total, warmup } = lengths(options.warmupEpochs, length)
      if (index < warmup) return init + ((max - init) * index) / warmup
      return max * staircase(index, [0.3 * total, 0.6 * total, 0.8 * total])
    },
})
