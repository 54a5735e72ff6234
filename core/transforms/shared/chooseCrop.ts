/**
 * Chooses the part for a random resized crop: area uniform, shape log-uniform, ten tries.
 *
 * @source torchvision.transforms.RandomResizedCrop.get_params
 */
import type { Box } from './resample.ts'
import type { Image, Random } from './transform.ts'

type Size = Pick<Image, 'width' | 'height'>

/** Share of the area, and width divided by height. */
export interface CropRanges {
  readonly minScale: number
  readonly maxScale: number
  readonly minRatio: number
  readonly maxRatio: number
}

const tries = 10

/** @returns a box inside the image */
export function chooseCrop(image: Size, random: Random, ranges: CropRanges): Box {
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
function fallback(image: Size, { minRatio, maxRatio }: CropRanges): Box {
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
