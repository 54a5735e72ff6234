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
  const data = source.slice()
  const row = width * channels
  const columns = new Int32Array(row)
  const single = Math.fround(factor)
  for (let y = 1; y < height - 1; y++) {
    const start = y * row
    sumOfThree(source, start, row, columns)
    for (let x = channels; x < row - channels; x++) {
      const value = source[start + x] as number
      const around =
        (columns[x - channels] as number) + (columns[x] as number) + (columns[x + channels] as number)
      const smooth = thirteenth[around + 4 * value] as number
      // Single precision, as Pillow blends; towards zero, within 0 and 255.
      const blended = Math.fround(smooth + Math.fround(single * (value - smooth)))
      data[start + x] = blended <= 0 ? 0 : blended >= 255 ? 255 : blended | 0
    }
  }
  return { ...image, data }
}

/** Of each value of a row with those above and below it. */
function sumOfThree(source: Uint8Array, start: number, row: number, sums: Int32Array): void {
  for (let x = 0; x < row; x++) {
    const at = start + x
    sums[x] = (source[at - row] as number) + (source[at] as number) + (source[at + row] as number)
  }
}
