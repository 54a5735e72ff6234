/** Cuts a random part of random shape and resizes it: the usual augmentation on ImageNet. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { chooseCrop } from './shared/chooseCrop.ts'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample } from './shared/resample.ts'
import type { Transform } from './shared/transform.ts'

export const randomResizedCrop = entry({
  name: 'random-resized-crop',
  version: 2,
  // Runs begun before there was a choice decoded at full size: they go on so.
  upgrades: { 1: options => ({ ...options, scaledDecoding: false }) },
  title: 'Random resized crop',
  summary: 'Cuts out a part of random area and shape and resizes it to the input size.',
  source:
    'Szegedy et al. 2015 (Inception crop); torchvision.transforms.RandomResizedCrop, bilinear with antialiasing',
  options: z
    .strictObject({
      minScale: z.number().min(0.001).max(1).default(0.08).meta({
        title: 'Smallest area',
        description: 'Smallest part of the image, as a share of its area.',
      }),
      maxScale: z.number().min(0.001).max(1).default(1).meta({
        title: 'Largest area',
        description: 'Largest part of the image, as a share of its area.',
      }),
      minRatio: z
        .number()
        .min(0.1)
        .max(10)
        .default(3 / 4)
        .meta({
          title: 'Narrowest shape',
          description: 'Smallest width divided by height, before resizing.',
        }),
      maxRatio: z
        .number()
        .min(0.1)
        .max(10)
        .default(4 / 3)
        .meta({
          title: 'Widest shape',
          description: 'Largest width divided by height, before resizing.',
        }),
      scaledDecoding: z.boolean().default(true).meta({
        title: 'Scaled decoding',
        description:
          'Decode JPEG images at a half, a quarter or an eighth of their size where the part stays at least twice the input size: faster on large images, and within two grey levels of the same. Without the JPEG addon it changes nothing.',
      }),
    })
    .refine(({ minScale, maxScale }) => minScale <= maxScale, {
      path: ['minScale'],
      message: 'expected at most maxScale',
    })
    .refine(({ minRatio, maxRatio }) => minRatio <= maxRatio, {
      path: ['minRatio'],
      message: 'expected at most maxRatio',
    }),
  create: (options): Transform => ({
    apply: (image, random, { width, height }) =>
      resample(image, chooseCrop(image, random, options), width, height),
    geometry: (before, random, size) => {
      const seen = plainPart(before)
      return seen && resizedPart(seen, chooseCrop(seen, random, options), size, options.scaledDecoding)
    },
  }),
})
