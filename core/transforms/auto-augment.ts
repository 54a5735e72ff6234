/** Pairs of operations that a search found to help, one pair for each image. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { policies } from './shared/autoAugmentPolicies.ts'
import { fillOption, interpolationOption } from './shared/looksOptions.ts'
import { applyOperation } from './shared/operations.ts'
import { atMagnitude, usualSpace } from './shared/torchvisionSpace.ts'
import type { Transform } from './shared/transform.ts'

const bins = 10

export const autoAugment = entry({
  name: 'auto-augment',
  title: 'AutoAugment',
  summary: 'Applies one of 25 pairs of operations that were found by search, each with its probability.',
  source:
    'Cubuk et al. 2018; torchvision.transforms.AutoAugment. The last of the 25 pairs for ImageNet repeats the third, which is why some count 24',
  options: z.strictObject({
    policy: z.enum(['imagenet', 'cifar10']).default('imagenet').meta({
      title: 'Policy',
      description: 'On which data set the pairs were searched.',
    }),
    interpolation: interpolationOption,
    fill: fillOption,
  }),
  create: ({ policy, ...looks }): Transform => ({
    apply: (image, random) => {
      const pairs = policies[policy]
      const pair = pairs[Math.floor(random() * pairs.length)]!
      const drawn = pair.map(step => ({ step, applied: random(), negative: random() }))
      return drawn.reduce((augmented, { step: [name, probability, bin], applied, negative }) => {
        if (applied >= probability) return augmented
        return applyOperation(
          augmented,
          atMagnitude(name, usualSpace, image, bin, bins, negative < 0.5),
          looks,
        )
      }, image)
    },
  }),
})
