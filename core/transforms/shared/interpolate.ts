/**
 * One pixel between others, written in place.
 *
 * @source Pillow, libImaging/Geometry.c: `nearest_filter`, `bilinear_filter`, `bicubic_filter` (a = -1), cut off towards zero
 */
import type { Image } from './transform.ts'

/**
 * Writes the pixel at a place into `out`.
 * @param x place inside the image, centres of pixels at halves
 * @param at where the pixel begins in `out`
 */
export type WritePixel = (image: Image, x: number, y: number, out: Uint8Array, at: number) => void

export const pixelWriters = { nearest: nearestPixel, bilinear: linearPixel, bicubic: cubicPixel } as const

function nearestPixel(
  { data, width, channels }: Image,
  x: number,
  y: number,
  out: Uint8Array,
  at: number,
): void {
  const from = (Math.trunc(y) * width + Math.trunc(x)) * channels
  for (let k = 0; k < channels; k++) out[at + k] = data[from + k]!
}

function linearPixel(image: Image, x: number, y: number, out: Uint8Array, at: number): void {
  const { data, width, height, channels } = image
  const left = Math.floor(x - 0.5)
  const top = Math.floor(y - 0.5)
  const shareX = x - 0.5 - left
  const shareY = y - 0.5 - top
  const upper = top > 0 ? Math.imul(top, width) : 0
  // Beyond the last row the row itself stands in.
  const lower = top + 1 < height ? Math.imul(top + 1, width) : upper
  const from = left > 0 ? left : 0
  const to = left + 1 < width ? left + 1 : width - 1
  let one = Math.imul(upper + from, channels)
  let two = Math.imul(upper + to, channels)
  let three = Math.imul(lower + from, channels)
  let four = Math.imul(lower + to, channels)
  for (const end = at + channels; at < end; at++) {
    const start = data[one++] as number
    const below = data[three++] as number
    const high = start + ((data[two++] as number) - start) * shareX
    const low = below + ((data[four++] as number) - below) * shareX
    out[at] = (high + (low - high) * shareY) | 0
  }
}

const rows = new Float64Array(4)

function cubicPixel(image: Image, x: number, y: number, out: Uint8Array, at: number): void {
  const { data, width, height, channels } = image
  const left = Math.floor(x - 0.5)
  const top = Math.floor(y - 0.5)
  const shareX = x - 0.5 - left
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
        shareX,
      )
    }
    const value = cubic(rows[0]!, rows[1]!, rows[2]!, rows[3]!, y - 0.5 - top)
    out[at + k] = value <= 0 ? 0 : value >= 255 ? 255 : value | 0
  }
}

function cubic(v1: number, v2: number, v3: number, v4: number, share: number): number {
  const p2 = v3 - v1
  const p3 = 2 * (v1 - v2) + v3 - v4
  const p4 = -v1 + v2 - v3 + v4
  return v2 + share * (p2 + share * (p3 + share * p4))
}
