/**
 * Resizing with a triangle filter whose support grows with the reduction (antialiased bilinear), in the fixed-point
 * arithmetic of Pillow, so that what a network sees is what it would see under torchvision, to the last bit.
 *
 * @source Pillow `Image.resize(..., BILINEAR, box)`: two passes, horizontal first, 22-bit weights, 8 bits between.
 */
import type { Image } from './transform.ts'

/** A part of an image in pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Weights of every output pixel: `count[i]` inputs from `first[i]` on, weights[i · size + k]. */
interface Taps {
  readonly size: number
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Int32Array
}

const weightBits = 22
const half = 1 << (weightBits - 1)

/**
 * Cuts out `box` and resizes it.
 * @param width of the result, in pixels
 * @param height of the result, in pixels
 */
export function resample(image: Image, box: Box, width: number, height: number): Image {
  const { channels } = image
  if (box.width === width && box.height === height) return cut(image, box)
  const rows = box.width === width ? cut(image, box) : horizontal(image, box, width)
  if (box.height === height) return rows
  return { data: vertical(rows, height), width, height, channels }
}

/** A copy of a part of an image; the box must lie inside. */
export function cut(image: Image, box: Box): Image {
  const { channels } = image
  const rowBytes = box.width * channels
  const data = new Uint8Array(rowBytes * box.height)
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * image.width + box.x) * channels
    data.set(image.data.subarray(from, from + rowBytes), y * rowBytes)
  }
  return { data, width: box.width, height: box.height, channels }
}

function horizontal(image: Image, box: Box, width: number): Image {
  const { channels, data: source } = image
  const taps = tapsOf(box.width, width)
  const data = new Uint8Array(width * box.height * channels)
  for (let y = 0; y < box.height; y++) {
    const row = ((box.y + y) * image.width + box.x) * channels
    if (channels === 3) rowOf3(source, row, data, y * width * 3, width, taps)
    else rowOf1(source, row, data, y * width, width, taps)
  }
  return { data, width, height: box.height, channels }
}

function rowOf3(
  source: Uint8Array,
  row: number,
  out: Uint8Array,
  at: number,
  width: number,
  taps: Taps,
): void {
  const { size, first, count, weights } = taps
  for (let x = 0; x < width; x++) {
    let red = half
    let green = half
    let blue = half
    let from = row + (first[x] as number) * 3
    const begin = x * size
    const end = begin + (count[x] as number)
    for (let k = begin; k < end; k++) {
      const weight = weights[k] as number
      red = (red + Math.imul(source[from] as number, weight)) | 0
      green = (green + Math.imul(source[from + 1] as number, weight)) | 0
      blue = (blue + Math.imul(source[from + 2] as number, weight)) | 0
      from += 3
    }
    out[at] = red >> weightBits
    out[at + 1] = green >> weightBits
    out[at + 2] = blue >> weightBits
    at += 3
  }
}

function rowOf1(
  source: Uint8Array,
  row: number,
  out: Uint8Array,
  at: number,
  width: number,
  taps: Taps,
): void {
  const { size, first, count, weights } = taps
  for (let x = 0; x < width; x++) {
    let grey = half
    let from = row + (first[x] as number)
    const begin = x * size
    const end = begin + (count[x] as number)
    for (let k = begin; k < end; k++)
      grey = (grey + Math.imul(source[from++] as number, weights[k] as number)) | 0
    out[at++] = grey >> weightBits
  }
}

/** Adds whole rows, two at a time, so that memory is read in order. */
function vertical(rows: Image, height: number): Uint8Array {
  const rowBytes = rows.width * rows.channels
  const { size, first, count, weights } = tapsOf(rows.height, height)
  const out = new Uint8Array(rowBytes * height)
  const sums = new Int32Array(rowBytes)
  for (let y = 0; y < height; y++) {
    sums.fill(half)
    const begin = first[y] as number
    const taps = count[y] as number
    for (let k = 0; k < taps; k += 2) {
      const weight = weights[y * size + k] as number
      const isLast = k + 1 === taps
      // The missing partner of an odd last row is the row itself, with no weight.
      const nextWeight = isLast ? 0 : (weights[y * size + k + 1] as number)
      addRows(sums, rows.data, (begin + k) * rowBytes, isLast ? 0 : rowBytes, weight, nextWeight)
    }
    const at = y * rowBytes
    for (let x = 0; x < rowBytes; x++) out[at + x] = (sums[x] as number) >> weightBits
  }
  return out
}

function addRows(
  sums: Int32Array,
  source: Uint8Array,
  from: number,
  step: number,
  ...weights: [number, number]
): void {
  const [weight, nextWeight] = weights
  for (let x = 0; x < sums.length; x++) {
    const one = Math.imul(source[from + x] as number, weight)
    const other = Math.imul(source[from + step + x] as number, nextWeight)
    sums[x] = ((sums[x] as number) + one + other) | 0
  }
}

/** The triangle filter, centred on each output pixel, cut at the borders and normalised. */
function tapsOf(from: number, to: number): Taps {
  const scale = from / to
  const support = Math.max(scale, 1)
  const size = Math.ceil(support) * 2 + 1
  const first = new Int32Array(to)
  const count = new Int32Array(to)
  const weights = new Int32Array(to * size)
  const exact = new Float64Array(size)
  for (let out = 0; out < to; out++) {
    const center = (out + 0.5) * scale
    const begin = Math.max(Math.trunc(center - support + 0.5), 0)
    const end = Math.min(Math.trunc(center + support + 0.5), from)
    let sum = 0
    for (let k = 0; k < end - begin; k++) {
      const weight = Math.max(1 - Math.abs((begin + k - center + 0.5) / support), 0)
      exact[k] = weight
      sum += weight
    }
    first[out] = begin
    count[out] = end - begin
    for (let k = 0; k < end - begin; k++) {
      weights[out * size + k] = Math.trunc(0.5 + ((exact[k] as number) / sum) * (1 << weightBits))
    }
  }
  return { size, first, count, weights }
}
