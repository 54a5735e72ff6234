/**
 * Chooses the part for Inception's distorted crop: shape uniform, height uniform, as many tries as need be.
 *
 * @source TensorFlow's sample_distorted_bounding_box, in single precision as there
 */
import type { Box } from './resample.ts'
import type { Image, Random } from './transform.ts'

type Size = Pick<Image, 'width' | 'height'>

export interface DistortedRanges {
  /** Shares of the image's area. */
  readonly minArea: number
  readonly maxArea: number
  /** Width divided by height. */
  readonly minRatio: number
  readonly maxRatio: number
  /** Share of the object that the part must show; the object is the whole image, as there are no boxes. */
  readonly minCovered: number
}

const tries = 100
const single = Math.fround

/** @returns a box inside the image; all of it where no try fits */
export function chooseDistorted(image: Size, random: Random, ranges: DistortedRanges): Box {
  const { minRatio, maxRatio, minCovered } = ranges
  for (let attempt = 0; attempt < tries; attempt++) {
    const ratio = single(random() * single(maxRatio - minRatio) + single(minRatio))
    const size = chooseSize(image, single(ratio), random, ranges)
    if (!size) continue
    const { width, height } = size
    // The last place is never drawn, as there.
    const y = height < image.height ? Math.floor(random() * (image.height - height)) : 0
    const x = width < image.width ? Math.floor(random() * (image.width - width)) : 0
    if (single((width * height) / (image.width * image.height)) >= single(minCovered))
      return { x, y, width, height }
  }
  return { x: 0, y: 0, ...sizeOf(image) }
}

/** @returns null where the area cannot be met */
function chooseSize(
  image: Size,
  ratio: number,
  random: Random,
  { minArea, maxArea }: DistortedRanges,
): Size | null {
  const whole = image.width * image.height
  const [least, most] = [single(single(minArea) * whole), single(single(maxArea) * whole)]
  const widthOf = (height: number): number => halfEven(single(height * ratio))
  let highest = halfEven(single(Math.sqrt(single(most / ratio))))
  if (widthOf(highest) > image.width) {
    highest = Math.trunc((image.width + 0.5 - 1e-7) / ratio)
    if (widthOf(highest) > image.width) highest--
  }
  highest = Math.min(highest, image.height)
  let height = Math.min(halfEven(single(Math.sqrt(single(least / ratio)))), highest)
  if (height < highest) height += Math.floor(random() * (highest - height + 1))
  // Rounding may have led out of the range by one pixel.
  if (widthOf(height) * height < least) height++
  if (widthOf(height) * height > most) height--
  const width = widthOf(height)
  const area = width * height
  const fits =
    area >= least && area <= most && width <= image.width && height <= image.height && width > 0 && height > 0
  return fits ? { width, height } : null
}

function sizeOf({ width, height }: Size): Size {
  return { width, height }
}

/** Rounds halves to even, as C's lrint does. */
function halfEven(value: number): number {
  const floor = Math.floor(value)
  const part = value - floor
  if (part !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
