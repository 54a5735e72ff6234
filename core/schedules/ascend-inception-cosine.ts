/** Cosine by whole epochs over a fixed time, as the Inception-v4 recipe for Ascend computes it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'

const Options = z.strictObject({
  learningRate: z.number().gt(0).max(1000).default(0.045).meta({
    title: 'Learning rate',
    description: 'Learning rate of the first epoch.',
  }),
  endEpoch: z.int().min(1).max(10_000).default(100).meta({
    title: 'End',
    description: 'T_max of the recipe: when the rate reaches 0, whatever the length of the run.',
    unit: 'epochs',
  }),
})

export const ascendInceptionCosine = entry({
  name: 'ascend-inception-cosine',
  title: 'Ascend Inception cosine',
  summary: '½·lr·(1 + cos(π·epoch/T_max)) by whole epochs, without warm-up; 0 from T_max on.',
  source: 'Ascend ModelZoo-TensorFlow, InceptionV4_ID0002_for_TensorFlow (T_max = 100)',
  options: Options,
  create:
    ({ learningRate, endEpoch }): Schedule =>
    (index, { stepsPerEpoch }) => {
      const epoch = Math.min(Math.floor(index / stepsPerEpoch), endEpoch)
      return (learningRate * (1 + Math.cos((Math.PI * epoch) / endEpoch))) / 2
    },
})
