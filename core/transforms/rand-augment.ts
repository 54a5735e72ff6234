/** A few operations of a given strength on each image. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Interpolation } from './shared/affine.ts'
import { fillOption } from './shared/looksOptions.ts'
import { normalPair } from './shared/normal.ts'
import { applyOperation, type Operation } from './shared/operations.ts'
import { atLevel, timmOperations } from './shared/timmSpace.ts'
import { atMagnitude, chosenFrom, usualSpace } from './shared/torchvisionSpace.ts'
import type { Image, Random, Transform } from './shared/transform.ts'

const options = z
  .strictObject({
    form: z.enum(['torchvision', 'timm']).default('torchvision').meta({
      title: 'Form',
      description:
        'torchvision: 14 operations, one of them none, strengths 0 to 30. timm: 15 operations, strengths 0 to 10, which may vary.',
    }),
    numOps: z.int().min(1).max(14).default(2).meta({
      title: 'Operations',
      description: 'How many operations are applied one after the other; the same may come twice.',
    }),
    magnitude: z.number().min(0).max(1000).default(9).meta({
      title: 'Strength',
      description: 'From 0 to bins - 1 in torchvision’s form (usually 9 of 30), from 0 to 10 in timm’s.',
    }),
    bins: z.int().min(2).max(1000).default(31).meta({
      title: 'Strengths',
      description: 'How many strengths torchvision’s form has.',
    }),
    magnitudeStd: z.number().min(0).max(100).default(0).meta({
      title: 'Deviation of strength',
      description:
        'In timm’s form each strength is drawn from a normal distribution of this standard deviation.',
    }),
    increasing: z.boolean().default(true).meta({
      title: 'Increasing',
      description:
        'In timm’s form: every operation grows with the strength (inc1). Otherwise posterizing, solarizing and the enhancements do not.',
    }),
    probability: z.number().min(0).max(1).default(1).meta({
      title: 'Probability',
      description: 'Chance of each operation to be applied: 1 in torchvision, 0.5 in timm.',
    }),
    interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'random']).default('nearest').meta({
      title: 'Interpolation',
      description:
        'How pixels are looked up where the image is moved by parts of a pixel; random: bilinear or bicubic, as in timm.',
    }),
    fill: fillOption,
  })
  .refine(
    ({ form, magnitude, bins }) => form === 'timm' || (Number.isInteger(magnitude) && magnitude < bins),
    {
      path: ['magnitude'],
      message: 'expected a whole number below bins in torchvision’s form',
    },
  )
  .refine(({ form, magnitude }) => form === 'torchvision' || magnitude <= 10, {
    path: ['magnitude'],
    message: 'expected at most 10 in timm’s form',
  })
  .refine(({ form, magnitudeStd }) => form === 'timm' || magnitudeStd === 0, {
    path: ['magnitudeStd'],
    message: 'expected 0, as torchvision’s form has a fixed strength. Set form to timm',
  })

export const randAugment = entry({
  name: 'rand-augment',
  title: 'RandAugment',
  summary: 'Applies a few operations, chosen at random, with the same strength to all images.',
  source:
    'Cubuk et al. 2019; torchvision.transforms.RandAugment; timm.data.auto_augment, of which rand-m7-mstd0.5-inc1 is form timm, magnitude 7, magnitudeStd 0.5, increasing, probability 0.5, interpolation bicubic or random',
  options,
  create: (chosen): Transform => ({
    apply: (image, random) => {
      let augmented = image
      for (let count = 0; count < chosen.numOps; count++) augmented = applyOne(augmented, random, chosen)
      return augmented
    },
  }),
})

/** Draws the same numbers whatever becomes of them. */
function applyOne(image: Image, random: Random, chosen: z.output<typeof options>): Image {
  const { form, magnitude, bins, magnitudeStd, increasing, probability, interpolation, fill } = chosen
  const [choice, applied, negative, look] = [random(), random(), random(), random()]
  const [normal] = normalPair(random)
  if (applied >= probability) return image
  const isNegative = negative < 0.5
  let operation: Operation
  if (form === 'torchvision') {
    const name = chosenFrom[Math.floor(choice * chosenFrom.length)]!
    operation = atMagnitude(name, usualSpace, image, magnitude, bins, isNegative)
  } else {
    const name = timmOperations[Math.floor(choice * timmOperations.length)]!
    const level = Math.min(Math.max(magnitude + magnitudeStd * normal, 0), 10)
    operation = atLevel(name, image, level, increasing, isNegative)
  }
  const drawn: Interpolation = look < 0.5 ? 'bilinear' : 'bicubic'
  return applyOperation(image, operation, {
    interpolation: interpolation === 'random' ? drawn : interpolation,
    fill,
  })
}
