/** Resizes so that the shorter side has a given length; the first step of the usual evaluation. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample } from './shared/resample.ts'
import type { Transform } from './shared/transform.ts'

export const resize = entry({
  name: 'resize',
  title: 'Resize',
  summary: 'Scales the image, keeping its shape, until its shorter side has the given length.',
  source: 'torchvision.transforms.Resize(size), bilinear with antialiasing',
  options: z.strictObject({
    shorterSide: z.int().min(1).max(4096).default(256).meta({
      title: 'Shorter side',
      description: 'Length of the shorter side after resizing. 256 goes with an input of 224.',
      unit: 'pixels',
    }),
  }),
  create: ({ shorterSide }): Transform => ({
    apply: image => {
      const { width, height } = resizedSize(image, shorterSide)
      return resample(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height)
    },
    geometry: before => {
      const seen = plainPart(before)
      return seen && resizedPart(seen, { ...seen, x: 0, y: 0 }, resizedSize(seen, shorterSide), false)
    },
  }),
})

function resizedSize(
  { width, height }: { readonly width: number; readonly height: number },
  shorterSide: number,
): { width: number; height: number } {
  const shorter = Math.min(width, height)
  const longer = Math.max(Math.trunc((shorterSide * Math.max(width, height)) / shorter), 1)
  return width <= height ? { width: shorterSide, height: longer } : { width: longer, height: shorterSide }
}
