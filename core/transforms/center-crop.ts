/** Cuts the input size out of the middle. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { window } from './shared/window.ts'
import type { Transform } from './shared/transform.ts'

export const centerCrop = entry({
  name: 'center-crop',
  title: 'Centre crop',
  summary: 'Cuts the input size out of the middle; a smaller image is set on black.',
  source: 'torchvision.transforms.CenterCrop',
  options: z.strictObject({}),
  create: (): Transform => ({
    apply: (image, _random, { width, height }) => {
      const x = offset(image.width, width)
      const y = offset(image.height, height)
      return window(image, { x, y, width, height })
    },
    geometry: (before, _random, { width, height }) => {
      const seen = before.window
      // A smaller image is set on black, which no part of it is.
      if (before.isMirrored || seen.width < width || seen.height < height) return null
      const x = seen.x + offset(seen.width, width)
      const y = seen.y + offset(seen.height, height)
      return { ...before, window: { x, y, width, height } }
    },
  }),
})

/**
 * Where the crop begins. torchvision pads a smaller image first, with the odd pixel on the far side, and rounds halves
 * to even, as Python does.
 */
function offset(have: number, want: number): number {
  if (have < want) return -Math.trunc((want - have) / 2)
  const exact = (have - want) / 2
  const floor = Math.floor(exact)
  if (exact === floor) return floor
  return floor % 2 === 0 ? floor : floor + 1
}
