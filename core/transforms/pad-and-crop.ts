/** Shifts the image by a few pixels at random: the augmentation of the CIFAR experiments. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { window } from './shared/window.ts'
import type { Transform } from './shared/transform.ts'

export const padAndCrop = entry({
  name: 'pad-and-crop',
  title: 'Pad and crop',
  summary: 'Pads every side with black and cuts out the input size at a random place.',
  source: 'He et al. 2015, section 4.2 (pad 4, crop 32); torchvision.transforms.RandomCrop(size, padding)',
  options: z.strictObject({
    padding: z.int().min(0).max(128).default(4).meta({
      title: 'Padding',
      description:
        'Width of the black border before cutting, on each side. The usual 4 suits 32-pixel images.',
      unit: 'pixels',
    }),
  }),
  create: ({ padding }): Transform => ({
    apply: (image, random, { width, height }) => {
      const spareRows = Math.max(image.height + 2 * padding - height, 0)
      const spareColumns = Math.max(image.width + 2 * padding - width, 0)
      const y = Math.floor(random() * (spareRows + 1)) - padding
      const x = Math.floor(random() * (spareColumns + 1)) - padding
      return window(image, { x, y, width, height })
    },
  }),
})
