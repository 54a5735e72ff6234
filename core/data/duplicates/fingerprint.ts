/**
 * What is left of a picture when size, quality and small changes of colour are taken away: a hash of 64 bits, and 16 × 16 greys to
 * make sure.
 *
 * The hash has a bit for each of the 64 lowest frequencies of the picture made 32 × 32: whether it is above their median.
 * @source C. Zauner 2010: Implementation and benchmarking of perceptual image hash functions (DCT hash)
 */
import type { Image } from '../../transforms/shared/transform.ts'

/** Side of the small grey picture. */
export const thumbSide = 16
const side = 32
const frequencies = 8
const cosines = makeCosines()

export interface Fingerprint {
  /** Low and high 32 bits. */
  readonly low: number
  readonly high: number
  /** uint8 [16, 16] */
  readonly thumb: Uint8Array
  /** Standard deviation of the greys: 0 for a picture of one colour, whose hash means nothing. */
  readonly contrast: number
}

/** @param image one channel, of any size */
export function fingerprint(image: Image): Fingerprint {
  const grey = averaged(image, side)
  const lowest = lowFrequencies(grey)
  const median = medianOf(lowest)
  let [low, high] = [0, 0]
  lowest.forEach((value, bit) => {
    if (value <= median) return
    if (bit < 32) low |= 1 << bit
    else high |= 1 << (bit - 32)
  })
  const thumb = Uint8Array.from(averaged(image, thumbSide), Math.round)
  return { low, high, thumb, contrast: deviation(grey) }
}

/** Bits that differ, 0 to 64. */
export function distanceOf(low: number, high: number, otherLow: number, otherHigh: number): number {
  return bitCount(low ^ otherLow) + bitCount(high ^ otherHigh)
}

/** Correlation of two pictures of greys, −1 to 1; 0 where one has a single colour. */
export function correlation(one: Uint8Array, other: Uint8Array): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
  for (let at = 0; at < one.length; at++) {
    const x = one[at] as number
    const y = other[at] as number
    a += x
    b += y
    aa += x * x
    bb += y * y
    ab += x * y
  }
  const n = one.length
  const spread = Math.sqrt((aa - (a * a) / n) * (bb - (b * b) / n))
  return spread > 0 ? (ab - (a * b) / n) / spread : 0
}

function bitCount(bits: number): number {
  let v = bits - ((bits >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Means of equal parts of the picture, [size, size]; parts of small pictures share pixels. */
function averaged({ data, width, height }: Image, size: number): Float64Array {
  const rows = new Float64Array(size * width)
  for (let y = 0; y < size; y++)
    for (const { at, weight } of partsOf(y, size, height))
      for (let x = 0; x < width; x++) rows[y * width + x]! += weight * data[at * width + x]!
  const means = new Float64Array(size * size)
  for (let x = 0; x < size; x++)
    for (const { at, weight } of partsOf(x, size, width))
      for (let y = 0; y < size; y++) means[y * size + x]! += weight * rows[y * width + at]!
  return means
}

/** Which of `length` pixels make part `place` of `size`, with weights that add up to 1. */
function partsOf(place: number, size: number, length: number): { at: number; weight: number }[] {
  const [from, to] = [(place * length) / size, ((place + 1) * length) / size]
  const parts = []
  for (let at = Math.floor(from); at < to && at < length; at++) {
    const covered = Math.min(to, at + 1) - Math.max(from, at)
    if (covered > 1e-9) parts.push({ at, weight: covered / (to - from) })
  }
  return parts
}

/** Frequencies 1 to 8 along both axes, without the rows and columns that only brightness and slopes fill: [64]. */
function lowFrequencies(grey: Float64Array): Float64Array {
  const half = new Float64Array(side * frequencies)
  for (let y = 0; y < side; y++)
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += grey[y * side + x]! * cosines[(u + 1) * side + x]!
      half[y * frequencies + u] = sum
    }
  const low = new Float64Array(frequencies * frequencies)
  for (let v = 0; v < frequencies; v++)
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += half[y * frequencies + u]! * cosines[(v + 1) * side + y]!
      low[v * frequencies + u] = sum
    }
  return low
}

/** [9, 32]: cos((2x + 1) u π / 64) for u from 0 to 8. */
function makeCosines(): Float64Array {
  const made = new Float64Array((frequencies + 1) * side)
  for (let u = 0; u <= frequencies; u++)
    for (let x = 0; x < side; x++) made[u * side + x] = Math.cos(((2 * x + 1) * u * Math.PI) / (2 * side))
  return made
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted()
  return ((sorted[31] as number) + (sorted[32] as number)) / 2
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
