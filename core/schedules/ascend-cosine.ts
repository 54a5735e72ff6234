/** Cosine by epochs with a five-epoch warm-up, as the ResNet-152 recipe for Ascend computes it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'
import { learningRateOption } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  warmupEpochs: z.int().min(0).max(10_000).default(5).meta({
    title: 'Warm-up',
    description: 'Epochs over which the learning rate climbs, one stair an epoch.',
    unit: 'epochs',
  }),
})

export const ascendCosine = entry({
  name: 'ascend-cosine',
  title: 'Ascend cosine',
  summary:
    'By whole epochs: lr·(epoch + 1)/(W + 1) during the warm-up W, then ½·lr·(1 + cos(π(epoch − W)/(E − W))).',
  source: 'Ascend ModelZoo-PyTorch, contrib/cv/classification/ResNet152 (W = 5)',
  options: Options,
  create: ({ learningRate, warmupEpochs }): Schedule => {
    return (index, { stepsPerEpoch, epochs }) => {
      const epoch = Math.floor(index / stepsPerEpoch)
      if (epoch < warmupEpochs) return (learningRate * (epoch + 1)) / (warmupEpochs + 1)
      return (learningRate * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / (epochs - warmupEpochs)))) / 2
    }
  },
})
