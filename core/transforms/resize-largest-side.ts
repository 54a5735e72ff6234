/** Resizes so that the longer side has a given length, without cutting anything off. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample } from './shared/resample.ts'
import type { Image, Transform } from './shared/transform.ts'

export const resizeLargestSide = entry({
  name: 'resize-largest-side',
  title: 'Resize longer side',
  summary:
    'Scales the image, keeping its shape, until its longer side has the given length. Images then differ in size: for networks that take each on its own.',
  source:
    'Berman et al. 2019, MultiGrain, section 4.1 (test images in their own shape); bilinear with antialiasing',
  options: z.strictObject({
    longerSide: z.int().min(8).max(4096).default(500).meta({
      title: 'Longer side',
      description: 'Length of the longer side after resizing.',
      unit: 'pixels',
    }),
  }),
  create: ({ longerSide }): Transform => ({
    apply: image => {
      const { width, height } = resizedSize(image, longerSide)
      return resample(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height)
    },
    geometry: before => {
      const seen = plainPart(before)
      return seen && resizedPart(seen, { ...seen, x: 0, y: 0 }, resizedSize(seen, longerSide), false)
    },
  }),
})

function resizedSize(
  { width, height }: Pick<Image, 'width' | 'height'>,
  longerSide: number,
): { width: number; height: number } {
  const shorter = Math.max(Math.trunc((longerSide * Math.min(width, height)) / Math.max(width, height)), 1)
  return width >= height ? { width: longerSide, height: shorter } : { width: shorter, height: longerSide }
}
