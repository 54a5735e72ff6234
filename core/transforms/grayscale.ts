/** Takes the colour away at random. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { saturation } from './shared/colour.ts'
import type { Transform } from './shared/transform.ts'

export const grayscale = entry({
  name: 'grayscale',
  title: 'Greyscale',
  summary: 'Takes the colour away with a given probability; the image keeps its channels.',
  source: 'torchvision.transforms.RandomGrayscale',
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.1).meta({
      title: 'Probability',
      description: 'Share of images that become grey.',
    }),
  }),
  create: ({ probability }): Transform => ({
    apply: (image, random) => (random() < probability ? saturation(image, 0) : image),
  }),
})
