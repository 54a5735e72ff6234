/** MindSpore cosine, as MindSpore's ResNet recipes compute it. */
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

export const mindsporeCosine = entry({
  name: 'mindspore-cosine',
  title: 'MindSpore cosine',
  summary:
    'Warm-up init + (max − init)·(i + 1)/W, then max·[(T − i)/D · ½(1 + cos(0.94π·i/D)) + 1e-5]: linear times cosine.',
  source: mindsporeSource,
  options: z.strictObject({ learningRate: maxLearningRate, initialLearningRate, warmupEpochs }),
  create:
    (options): Schedule =>
    (index, length) => {
      const { learningRate: max, initialLearningRate: init } = options
      const { total, warmup, decay } = lengths(options.warmupEpochs, length)
      if (index < warmup) return init + ((max - init) * (index + 1)) / warmup
      // The cosine takes i, not i − W, as the reference does.
      const cosine = (1 + Math.cos((0.94 * Math.PI * index) / decay)) / 2
      return max * (((total - index) / decay) * cosine + 1e-5)
    },
})
