/** The learning rate of MindSpore's THOR recipes. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'

const Options = z.strictObject({
  learningRate: z.number().gt(0).max(1000).default(0.05803).meta({
    title: 'Learning rate',
    description: 'lr_init of the recipe: what the rate would be before the first step.',
  }),
  power: z.number().gt(0).max(20).default(4.0839).meta({
    title: 'Power',
    description: 'lr_decay of the recipe: exponent of the decay.',
  }),
  endEpoch: z.number().gt(0).max(10_000).default(53).meta({
    title: 'End',
    description:
      'lr_end_epoch of the recipe: where the rate would reach 0, usually after the end of the run.',
    unit: 'epochs',
  }),
  halvings: z.array(z.number().gt(0).max(10_000)).max(10).default([39, 40]).meta({
    title: 'Halvings',
    description: 'Epochs from which the rate is halved once more.',
    unit: 'epochs',
  }),
})

export const mindsporeThor = entry({
  name: 'mindspore-thor',
  title: 'MindSpore THOR',
  summary:
    'lr·(1 − e/end)^power with e = (i + 1)/steps per epoch, halved from epoch 39 and again from epoch 40.',
  source: 'mindspore-ai/models, branch r1.5, official/cv/resnet_thor/src/lr_generator.py',
  options: Options,
  create:
    ({ learningRate, power, endEpoch, halvings }): Schedule =>
    (index, { stepsPerEpoch }) => {
      const epoch = (index + 1) / stepsPerEpoch
      const left = Math.max(0, 1 - epoch / endEpoch)
      return learningRate * left ** power * 0.5 ** halvings.filter(from => epoch >= from).length
    },
})
