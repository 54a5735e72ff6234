/**
 * One pixel between others, written in place.
 *
 * @source Pillow, libImaging/Geometry.c: `bilinear_filter`, `bicubic_filter` (a = -1), cut off towards zero
 */
import type { Image } from './transform.ts'

/** @param x column from -0.5 on, whole numbers at the centres of pixels */
export function linearPixel(image: Image, x: number, y: number, out: Uint8Array, at: number): void {
  const { data, width, height, channels } = image
  const left = Math.floor(x)
  const top = Math.floor(y)
  const shareX = x - left
  const shareY = y - top
  const upper = Math.max(top, 0) * width
  // Beyond the last row the row itself stands in.
  const lower = top + 1 < height ? (top + 1) * width : upper
  const from = Math.max(left, 0)
  const to = Math.min(left + 1, width - 1)
  for (let k = 0; k < channels; k++) {
    const one = data[(upper + from) * channels + k] as number
    const other = data[(lower + from) * channels + k] as number
    const high = one + ((data[(upper + to) * channels + k] as number) - one) * shareX
    const low = other + ((data[(lower + to) * channels + k] as number) - other) * shareX
    out[at + k] = high + (low - high) * shareY
  }
}

const rows = new Float64Array(4)

/** As `linearPixel`, from sixteen pixels. */
export function cubicPixel(image: Image, x: number, y: number, out: Uint8Array, at: number): void {
  const { data, width, height, channels } = image
  const left = Math.floor(x)
  const top = Math.floor(y)
  const column = (offset: number): number => Math.min(Math.max(left + offset, 0), width - 1) * channels
  const [first, second, third, fourth] = [column(-1), column(0), column(1), column(2)]
  for (let k = 0; k < channels; k++) {
    for (let offset = 0; offset < 4; offset++) {
      const row = top - 1 + offset
      // Beyond the borders the row before stands in, and the first one above.
      if (offset > 0 && (row < 0 || row >= height)) {
        rows[offset] = rows[offset - 1]!
        continue
      }
      const start = Math.min(Math.max(row, 0), height - 1) * width * channels + k
      rows[offset] = cubic(
        data[start + first] as number,
        data[start + second] as number,
        data[start + third] as number,
        data[start + fourth] as number,
        x - left,
      )
    }
    const value = cubic(rows[0]!, rows[1]!, rows[2]!, rows[3]!, y - top)
    out[at + k] = value <= 0 ? 0 : value >= 255 ? 255 : value
  }
}

function cubic(v1: number, v2: number, v3: number, v4: number, share: number): number {
  const p2 = v3 - v1
  const p3 = 2 * (v1 - v2) + v3 - v4
  const p4 = -v1 + v2 - v3 + v4
  return v2 + share * (p2 + share * (p3 + share * p4))
}
