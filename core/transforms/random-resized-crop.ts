/** Cuts a random part of random shape and resizes it: the usual augmentation on ImageNet. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { resample, type Box } from './shared/resample.ts'
import type { Image, Random, Transform } from './shared/transform.ts'

const tries = 10

export const randomResizedCrop = entry({
  name: 'random-resized-crop',
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
      resample(image, choose(image, random, options), width, height),
  }),
})

interface Ranges {
  readonly minScale: number
  readonly maxScale: number
  readonly minRatio: number
  readonly maxRatio: number
}

function choose(image: Image, random: Random, ranges: Ranges): Box {
  const area = image.width * image.height
  const logMin = Math.log(ranges.minRatio)
  const logMax = Math.log(ranges.maxRatio)
  for (let attempt = 0; attempt < tries; attempt++) {
    const target = area * (ranges.minScale + random() * (ranges.maxScale - ranges.minScale))
    const ratio = Math.exp(logMin + random() * (logMax - logMin))
    const width = Math.round(Math.sqrt(target * ratio))
    const height = Math.round(Math.sqrt(target / ratio))
    if (width < 1 || height < 1 || width > image.width || height > image.height) continue
    const y = Math.floor(random() * (image.height - height + 1))
    const x = Math.floor(random() * (image.width - width + 1))
    return { x, y, width, height }
  }
  return fallback(image, ranges)
}

/** The largest part in the middle whose shape is allowed. */
function fallback(image: Image, { minRatio, maxRatio }: Ranges): Box {
  const ratio = image.width / image.height
  const width = ratio > maxRatio ? Math.max(Math.round(image.height * maxRatio), 1) : image.width
  const height = ratio < minRatio ? Math.max(Math.round(image.width / minRatio), 1) : image.height
  return {
    x: Math.floor((image.width - width) / 2),
    y: Math.floor((image.height - height) / 2),
    width,
    height,
  }
}
