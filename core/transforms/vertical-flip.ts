/** Mirrors top and bottom at random. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Image, Transform } from './shared/transform.ts'

export const verticalFlip = entry({
  name: 'vertical-flip',
  title: 'Vertical flip',
  summary: 'Mirrors the image top to bottom with a given probability.',
  source: 'torchvision.transforms.RandomVerticalFlip',
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.5).meta({
      title: 'Probability',
      description: 'Share of images that are mirrored. For images without an up and down, as from above.',
    }),
  }),
  create: ({ probability }): Transform => ({
    apply: (image, random) => (random() < probability ? mirrored(image) : image),
  }),
})

function mirrored({ data: source, width, height, channels }: Image): Image {
  const row = width * channels
  const data = new Uint8Array(source.length)
  for (let y = 0; y < height; y++)
    data.set(source.subarray((height - 1 - y) * row, (height - y) * row), y * row)
  return { data, width, height, channels }
}
