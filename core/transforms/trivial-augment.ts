/** One operation of random strength on each image: automatic augmentation without anything to tune. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { fillOption, interpolationOption } from './shared/looksOptions.ts'
import { applyOperation } from './shared/operations.ts'
import { atMagnitude, chosenFrom, wideSpace } from './shared/torchvisionSpace.ts'
import type { Transform } from './shared/transform.ts'

export const trivialAugment = entry({
  name: 'trivial-augment',
  title: 'TrivialAugment',
  summary: 'Applies one of 14 operations, chosen at random, with a random strength.',
  source: 'Müller and Hutter 2021; torchvision.transforms.TrivialAugmentWide',
  options: z.strictObject({
    bins: z.int().min(2).max(1000).default(31).meta({
      title: 'Strengths',
      description: 'How many strengths there are, from none to the strongest.',
    }),
    interpolation: interpolationOption,
    fill: fillOption,
  }),
  create: ({ bins, ...looks }): Transform => ({
    apply: (image, random) => {
      const name = chosenFrom[Math.floor(random() * chosenFrom.length)]!
      const bin = Math.floor(random() * bins)
      const isNegative = random() < 0.5
      return applyOperation(image, atMagnitude(name, wideSpace, image, bin, bins, isNegative), looks)
    },
  }),
})
