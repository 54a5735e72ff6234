/** Which part of an image a network sees once it has gone through the run's evaluation transforms. */
import type { RunConfig } from '../experiment/index.ts'
import { transforms } from '../transforms/index.ts'
import { wholeImage, type Geometry } from '../transforms/shared/geometry.ts'
import type { Box } from '../transforms/shared/resample.ts'
import type { Image } from '../transforms/shared/transform.ts'

type Step = RunConfig['transforms']['eval'][number]

/** As fractions of the image's width and height, 0 to 1; the whole image where steps amount to more than cutting and resizing. */
export function seenPart(
  image: Pick<Image, 'width' | 'height'>,
  { transforms: { eval: steps }, input }: RunConfig,
): Box {
  const size = { width: input.size, height: input.size }
  let seen: Geometry | null = wholeImage(image)
  for (const step of steps) seen = seen && after(seen, step, size)
  if (seen === null) return { x: 0, y: 0, width: 1, height: 1 }
  const { box, window } = seen
  const [across, down] = [box.width / seen.width / image.width, box.height / seen.height / image.height]
  return {
    x: box.x / image.width + window.x * across,
    y: box.y / image.height + window.y * down,
    width: window.width * across,
    height: window.height * down,
  }
}

function after(before: Geometry, step: Step, size: Pick<Image, 'width' | 'height'>): Geometry | null {
  // How pixels are interpolated does not change which part is seen.
  const options = 'resizing' in step.options ? { ...step.options, resizing: 'antialiased' } : step.options
  const { geometry } = transforms.create({ ...step, options }, 'transforms.eval')
  return geometry ? geometry(before, () => 0.5, size) : before
}
