/** Mirrors left and right at random. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Image, Transform } from './shared/transform.ts'

export const horizontalFlip = entry({
  name: 'horizontal-flip',
  title: 'Horizontal flip',
  summary: 'Mirrors the image left to right with a given probability.',
  source: 'torchvision.transforms.RandomHorizontalFlip',
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.5).meta({
      title: 'Probability',
      description: 'Share of images that are mirrored. 0 for digits and text, which mirroring would change.',
    }),
  }),
  create: ({ probability }): Transform => ({
    apply: (image, random) => (random() < probability ? mirrored(image) : image),
    geometry: (before, random) =>
      random() < probability ? { ...before, isMirrored: !before.isMirrored } : before,
  }),
})

function mirrored({ data: source, width, height, channels }: Image): Image {
  const data = new Uint8Array(source.length)
  let at = 0
  for (let y = 0; y < height; y++) {
    for (let x = width - 1; x >= 0; x--) {
      const from = (y * width + x) * channels
      for (let c = 0; c < channels; c++) data[at++] = source[from + c] as number
    }
  }
  return { data, width, height, channels }
}
