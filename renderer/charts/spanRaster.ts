/**
 * Many thin lines at once, as pixels. A canvas takes about half a microsecond for each piece of a line, too long for a hundred curves of a
 * thousand pieces; here a line is, in each column of pixels, one upright span from its least to its greatest value there.
 */
import type { Path } from './thin.ts'

export interface Rgb {
  readonly red: number
  readonly green: number
  readonly blue: number
}

export interface Raster {
  readonly width: number
  readonly height: number
  /** Four bytes a pixel, as in ImageData: red, green, blue, alpha. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>
  /** The same bytes, a pixel at a time. */
  readonly pixels: Uint32Array<ArrayBuffer>
}

export function createRaster(width: number, height: number): Raster {
  const pixels = new Uint32Array(width * height)
  return { width, height, pixels, bytes: new Uint8ClampedArray(pixels.buffer) }
}

export interface Place {
  /** Of the raster's corner, in the pixels of the path. */
  readonly left: number
  readonly top: number
  /** Pixels of the raster for one of the path. */
  readonly ratio: number
}

export interface SpanStyle {
  readonly color: Rgb
  readonly opacity: number
  /** Every other pixel: what dashes are for a line that is drawn alone. */
  readonly isDotted: boolean
}

/**
 * Draws a line one pixel of the path thick.
 * @param path in rising order of x.
 */
export function drawSpans(raster: Raster, path: Path, { left, top, ratio }: Place, style: SpanStyle): void {
  const half = ratio / 2
  let column = -1
  let low = Infinity
  let high = -Infinity
  for (let at = 0; at + 3 < path.length; at += 2) {
    const x0 = ((path[at] as number) - left) * ratio
    const y0 = ((path[at + 1] as number) - top) * ratio
    const x1 = ((path[at + 2] as number) - left) * ratio
    const y1 = ((path[at + 3] as number) - top) * ratio
    const to = Math.min(raster.width - 1, Math.floor(x1))
    const slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0
    for (let each = Math.max(0, Math.floor(x0)); each <= to; each++) {
      if (each !== column) {
        if (column >= 0) drawSpan(raster, column, low - half, high + half, style)
        column = each
        low = Infinity
        high = -Infinity
      }
      const begin = each <= x0 ? y0 : y0 + (each - x0) * slope
      const end = each + 1 >= x1 ? y1 : y0 + (each + 1 - x0) * slope
      if (begin < low) low = begin
      if (end < low) low = end
      if (begin > high) high = begin
      if (end > high) high = end
    }
  }
  if (column >= 0) drawSpan(raster, column, low - half, high + half, style)
}

/** From one height to another in a column; the pixels at its ends are as opaque as the span covers of them. */
function drawSpan(raster: Raster, column: number, from: number, to: number, style: SpanStyle): void {
  const { width, height, pixels } = raster
  const { red, green, blue } = style.color
  const first = Math.max(0, Math.floor(from))
  const last = Math.min(height - 1, Math.ceil(to) - 1)
  const full = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
  const isOpaque = style.opacity >= 1
  const step = style.isDotted ? 2 : 1
  for (let row = first + (style.isDotted ? (first + column) & 1 : 0); row <= last; row += step) {
    const isWhole = row >= from && row + 1 <= to
    if (isWhole && isOpaque) pixels[row * width + column] = full
    else {
      const covered = isWhole ? 1 : Math.min(to, row + 1) - Math.max(from, row)
      blend(raster, row * width + column, style.color, covered * style.opacity)
    }
  }
}

/** Over whatever is there, which may be nothing: alpha is not multiplied into the colours. */
function blend({ bytes, pixels }: Raster, at: number, { red, green, blue }: Rgb, alpha: number): void {
  const below = pixels[at] as number
  if (below >>> 24 === 255) {
    // By far the most frequent where many lines lie upon each other, and whole numbers do.
    const over = Math.round(256 * alpha)
    const under = 256 - over
    const b = (blue * over + ((below >>> 16) & 255) * under) >> 8
    const g = (green * over + ((below >>> 8) & 255) * under) >> 8
    const r = (red * over + (below & 255) * under) >> 8
    pixels[at] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
    return
  }
  const byte = 4 * at
  const under = (below >>> 24) / 255
  const whole = alpha + under * (1 - alpha)
  if (whole <= 0) return
  const share = alpha / whole
  bytes[byte] = red * share + (bytes[byte] as number) * (1 - share)
  bytes[byte + 1] = green * share + (bytes[byte + 1] as number) * (1 - share)
  bytes[byte + 2] = blue * share + (bytes[byte + 2] as number) * (1 - share)
  bytes[byte + 3] = 255 * whole
}
