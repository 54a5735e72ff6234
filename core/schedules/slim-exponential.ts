/** Exponential decay in stairs, as TensorFlow's slim has it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z.strictObject({
  learningRate: learningRateOption,
  factor: z.number().gt(0).lt(1).default(0.94).meta({
    title: 'Decay factor',
    description: 'What the learning rate is multiplied by at each stair.',
  }),
  everyEpochs: z.number().gt(0).max(10_000).default(2).meta({
    title: 'Decay every',
    description: 'Length of a stair, counted from the start of the run. Fractions are allowed.',
    unit: 'epochs',
  }),
  ...warmupOptions,
})

export const slimExponential = entry({
  name: 'slim-exponential',
  title: 'slim exponential',
  summary: 'lr·factor^⌊step / steps of everyEpochs⌋: ×0.94 every 2 epochs.',
  source: 'tensorflow/models, research/slim/train_image_classifier.py; tf.train.exponential_decay in stairs',
  options: Options,
  create: options =>
    withWarmup(options, (index, { stepsPerEpoch }) => {
      // Whole steps, cut off, as slim counts them.
      const stair = Math.max(1, Math.floor(stepsPerEpoch * options.everyEpochs))
      return options.learningRate * options.factor ** Math.floor(index / stair)
    }),
})
