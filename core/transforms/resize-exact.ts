/** Stretches the whole image to the input size. */
import { entry } from '../registry/registry.ts'
import { z } from 'zod'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample } from './shared/resample.ts'
import type { Transform } from './shared/transform.ts'

export const resizeExact = entry({
  name: 'resize-exact',
  title: 'Resize to input size',
  summary: 'Stretches the whole image to exactly the size that the network takes.',
  source: 'torchvision.transforms.Resize((height, width)), bilinear with antialiasing',
  options: z.strictObject({}),
  create: (): Transform => ({
    apply: (image, _random, { width, height }) => {
      if (image.width === width && image.height === height) return image
      return resample(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height)
    },
    geometry: (before, _random, size) => {
      const seen = plainPart(before)
      return seen && resizedPart(seen, { ...seen, x: 0, y: 0 }, size, false)
    },
  }),
})
