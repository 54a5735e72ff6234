/**
 * Moving, shearing and rotating: each pixel of the result is looked up where a matrix says, in the arithmetic of Pillow.
 *
 * @source Pillow `Image.transform(size, AFFINE)`, libImaging/Geometry.c
 */
import { pixelWriters, type WritePixel } from './interpolate.ts'
import type { Image } from './transform.ts'

/** [a b c d e f]: pixel (x, y) of the result is at (a·x + b·y + c, d·x + e·y + f) in the source, centres at halves. */
export type Matrix = readonly [number, number, number, number, number, number]

export type Interpolation = 'nearest' | 'bilinear' | 'bicubic'

/** How places between pixels are looked up, and what lies outside, one value for each channel or for all. */
export interface Looks {
  readonly interpolation: Interpolation
  readonly fill: readonly number[]
}

/** @returns a new image of the same size */
export function affine(image: Image, matrix: Matrix, { interpolation, fill }: Looks): Image {
  const data = filled(image, fill)
  if (interpolation !== 'nearest') between(image, matrix, data, pixelWriters[interpolation])
  // Positions in 16.16 bits reach no further.
  else if (Math.max(image.width, image.height) >= 32768) between(image, matrix, data, pixelWriters.nearest)
  else if (matrix[1] === 0 && matrix[3] === 0) nearestStraight(image, matrix, data)
  else nearest(image, matrix, data)
  return { ...image, data }
}

/** @param degrees counter-clockwise, about the middle */
export function rotate(image: Image, degrees: number, looks: Looks): Image {
  const turn = ((degrees % 360) + 360) % 360
  if (turn === 0) return image
  const angle = (-turn * Math.PI) / 180
  const rounded = (value: number): number => Number(value.toFixed(15))
  const [cos, sin, back] = [rounded(Math.cos(angle)), rounded(Math.sin(angle)), rounded(-Math.sin(angle))]
  const [x, y] = [image.width / 2, image.height / 2]
  const matrix: Matrix = [cos, sin, cos * -x + sin * -y + 0 + x, back, cos, back * -x + cos * -y + 0 + y]
  return affine(image, matrix, looks)
}

function filled({ data: { length }, channels }: Image, fill: readonly number[]): Uint8Array {
  const data = new Uint8Array(length)
  if (fill.every(value => value === 0)) return data
  if (channels === 1 || fill.length === 1) return data.fill(fill[0]!)
  for (let at = 0; at < length; at++) data[at] = fill[at % 3]!
  return data
}

/** Rows stay rows: positions of columns are the same for all. */
function nearestStraight(image: Image, [a, , c, , e, f]: Matrix, data: Uint8Array): void {
  const { data: source, width, height, channels } = image
  const rowBytes = width * channels
  const columns = new Int32Array(width)
  let from = width
  let to = 0
  for (let x = 0, at = c + a * 0.5; x < width; x++, at += a) {
    const column = at < 0 ? -1 : Math.trunc(at)
    if (column < 0 || column >= width) continue
    columns[x] = column
    from = Math.min(from, x)
    to = x + 1
  }
  if (from >= to) return
  const isWhole = columns[to - 1]! - columns[from]! === to - 1 - from
  for (let y = 0, at = f + e * 0.5; y < height; y++, at += e) {
    const row = at < 0 ? -1 : Math.trunc(at)
    if (row < 0 || row >= height) continue
    const start = row * rowBytes + columns[from]! * channels
    if (isWhole) {
      data.set(source.subarray(start, start + (to - from) * channels), y * rowBytes + from * channels)
      continue
    }
    for (let x = from; x < to; x++)
      for (let k = 0; k < channels; k++)
        data[y * rowBytes + x * channels + k] = source[row * rowBytes + columns[x]! * channels + k]!
  }
}

/** Positions in 16.16 bits; per row only the pixels that lie inside are visited. */
function nearest(image: Image, [a, b, c, d, e, f]: Matrix, data: Uint8Array): void {
  const { data: source, width, height, channels } = image
  const fixed = (value: number): number => Math.floor(value * 65536 + 0.5)
  const stepX = fixed(a)
  const stepY = fixed(d)
  let startX = fixed(c + a * 0.5 + b * 0.5)
  let startY = fixed(f + d * 0.5 + e * 0.5)
  for (let y = 0; y < height; y++) {
    const [firstX, lastX] = inside(startX, stepX, width)
    const [firstY, lastY] = inside(startY, stepY, height)
    const from = Math.max(firstX, firstY, 0)
    const to = Math.min(lastX, lastY, width)
    const place = { at: (y * width + from) * channels, x: startX + stepX * from, y: startY + stepY * from }
    // Sheared rows stay together.
    if (stepX === 65536 && stepY === 0 && to > from) {
      const start = ((place.y >> 16) * width + (place.x >> 16)) * channels
      data.set(source.subarray(start, start + (to - from) * channels), place.at)
    } else if (channels === 3) lookUp3(source, data, place, to - from, stepX, stepY, width)
    else lookUp1(source, data, place, to - from, stepX, stepY, width)
    startX += fixed(b)
    startY += fixed(e)
  }
}

interface Place {
  readonly at: number
  readonly x: number
  readonly y: number
}

function lookUp3(
  source: Uint8Array,
  data: Uint8Array,
  place: Place,
  count: number,
  ...[stepX, stepY, width]: [number, number, number]
): void {
  const row = width * 3
  let { at, x, y } = place
  for (const end = at + 3 * count; at < end; at += 3) {
    const from = (Math.imul(y >> 16, row) + Math.imul(x >> 16, 3)) | 0
    data[at] = source[from] as number
    data[at + 1] = source[from + 1] as number
    data[at + 2] = source[from + 2] as number
    x = (x + stepX) | 0
    y = (y + stepY) | 0
  }
}

function lookUp1(
  source: Uint8Array,
  data: Uint8Array,
  place: Place,
  count: number,
  ...[stepX, stepY, width]: [number, number, number]
): void {
  let { at, x, y } = place
  for (const end = at + count; at < end; at++) {
    data[at] = source[(Math.imul(y >> 16, width) + (x >> 16)) | 0] as number
    x = (x + stepX) | 0
    y = (y + stepY) | 0
  }
}

/** For which whole numbers, [from, to), `start + step · number` lies within the 16.16 numbers 0 to size. */
function inside(start: number, step: number, size: number): [from: number, to: number] {
  const limit = size * 65536
  if (step === 0) return start >= 0 && start < limit ? [-Infinity, Infinity] : [0, 0]
  if (step > 0) return [Math.ceil(-start / step), Math.ceil((limit - start) / step)]
  return [Math.floor((start - limit) / -step) + 1, Math.floor(start / -step) + 1]
}

/** Visits each pixel whose place lies inside. */
function between(image: Image, [a, b, c, d, e, f]: Matrix, data: Uint8Array, write: WritePixel): void {
  const { width, height, channels } = image
  for (let y = 0; y < height; y++) {
    const offsetX = b * (y + 0.5)
    const offsetY = e * (y + 0.5)
    let at = y * width * channels
    for (let x = 0; x < width; x++, at += channels) {
      const sourceX = a * (x + 0.5) + offsetX + c
      const sourceY = d * (x + 0.5) + offsetY + f
      if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height)
        write(image, sourceX, sourceY, data, at)
    }
  }
}
