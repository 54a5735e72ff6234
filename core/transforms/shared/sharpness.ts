/**
 * Sharpening and softening: away from or towards a smoothed image.
 *
 * @source Pillow `ImageEnhance.Sharpness` and `ImageFilter.SMOOTH`: 3 × 3 weights of 1 and 5 in the middle, over 13; border pixels stay
 */
import type { Image } from './transform.ts'

/** Weighted sums, 0 to 13 · 255, divided by 13 and rounded; no sum is a tie. */
const thirteenth = Uint8Array.from({ length: 13 * 255 + 1 }, (_, sum) => Math.floor((2 * sum + 13) / 26))

/** @param factor 1 keeps the image, 0 smooths it, 2 sharpens it */
export function sharpness(image: Image, factor: number): Image {
  const { data: source, width, height, channels } = image
  // Pillow's filter leaves images alone that are smaller than it; blending them with themselves changes nothing.
  if (width < 3 || height < 3) return image
  const data = Uint8Array.from(source)
  const row = width * channels
  const single = Math.fround(factor)
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * row - channels
    for (let at = y * row + channels; at < end; at++) {
      const value = source[at] as number
      const smooth = thirteenth[smoothSum(source, at, row, channels) + 4 * value] as number
      // Single precision, as Pillow blends; towards zero, within 0 and 255.
      const blended = Math.fround(smooth + Math.fround(single * (value - smooth)))
      data[at] = blended <= 0 ? 0 : blended >= 255 ? 255 : blended
    }
  }
  return { ...image, data }
}

/** The nine pixels around a place. */
function smoothSum(source: Uint8Array, at: number, row: number, step: number): number {
  const above = at - row
  const below = at + row
  return (
    (source[above - step] as number) +
    (source[above] as number) +
    (source[above + step] as number) +
    (source[at - step] as number) +
    (source[at] as number) +
    (source[at + step] as number) +
    (source[below - step] as number) +
    (source[below] as number) +
    (source[below + step] as number)
  )
}
