/** MindSpore step, as MindSpore's ResNet recipes compute it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { lengths, maxLearningRate, mindsporeSource, staircase } from './shared/mindspore.ts'
import type { Schedule } from './shared/schedule.ts'

export const mindsporeStep = entry({
  name: 'mindspore-step',
  title: 'MindSpore step',
  summary:
    'No warm-up; ×1, ×0.1, ×0.01, ×0.001 from 0.2, 0.5 and 0.7 of the run; constant 5e-5 after 0.9 of it.',
  source: mindsporeSource,
  options: z.strictObject({ learningRate: maxLearningRate }),
  create:
    (options): Schedule =>
    (index, length) => {
      const { total } = lengths(0, length)
      if (index >= 0.9 * total) return 5e-5
      return options.learningRate * staircase(index, [0.2 * total, 0.5 * total, 0.7 * total])
    },
})
