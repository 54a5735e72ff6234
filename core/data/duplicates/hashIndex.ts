/**
 * Finds all hashes near a given one without comparing it with each: hashes are put into tables by each quarter of their bits, and of
 * two that differ in few bits some quarter differs in fewer still.
 * @source M. Norouzi, A. Punjani, D. J. Fleet 2012: Fast search in Hamming space with multi-index hashing
 */
import { distanceOf } from './fingerprint.ts'

const quarters = 4
const quarterBits = 16
const bucketCount = 2 ** quarterBits

export class HashIndex {
  readonly #low: Int32Array
  readonly #high: Int32Array
  readonly #distance: number
  /** Members of each bucket, one bucket after the other: [quarters][count], and where each begins: [quarters][buckets + 1]. */
  readonly #members: readonly Int32Array[]
  readonly #starts: readonly Int32Array[]
  /** What to flip in a quarter to reach all that may be near. */
  readonly #flips: Int32Array

  /**
   * @param low low halves of the hashes, [count]
   * @param high high halves
   * @param distance bits that may differ, 0 to 15
   */
  constructor(low: Int32Array, high: Int32Array, distance: number) {
    this.#low = low
    this.#high = high
    this.#distance = distance
    const tables = Array.from({ length: quarters }, (_, quarter) => this.#table(quarter))
    this.#members = tables.map(({ members }) => members)
    this.#starts = tables.map(({ starts }) => starts)
    this.#flips = flipsUpTo(Math.floor(distance / quarters))
  }

  /** Calls `found` once for each hash after `at` that is near it, with their distance; ends early when it returns false. */
  near(at: number, found: (other: number, distance: number) => boolean): void {
    const low = this.#low[at] as number
    const high = this.#high[at] as number
    for (let quarter = 0; quarter < quarters; quarter++) {
      const key = quarterOf(low, high, quarter)
      const members = this.#members[quarter] as Int32Array
      const starts = this.#starts[quarter] as Int32Array
      for (const flip of this.#flips) {
        const bucket = key ^ flip
        const end = starts[bucket + 1] as number
        for (let place = firstAfter(members, starts[bucket] as number, end, at); place < end; place++) {
          const other = members[place] as number
          const otherLow = this.#low[other] as number
          const otherHigh = this.#high[other] as number
          const distance = distanceOf(low, high, otherLow, otherHigh)
          if (distance > this.#distance) continue
          if (this.#wasMet(low, high, otherLow, otherHigh, quarter)) continue
          if (!found(other, distance)) return
        }
      }
    }
  }

  /** Whether an earlier quarter has led here already. */
  #wasMet(low: number, high: number, otherLow: number, otherHigh: number, quarter: number): boolean {
    const most = Math.floor(this.#distance / quarters)
    for (let earlier = 0; earlier < quarter; earlier++) {
      const differing = quarterOf(low, high, earlier) ^ quarterOf(otherLow, otherHigh, earlier)
      if (distanceOf(differing, 0, 0, 0) <= most) return true
    }
    return false
  }

  #table(quarter: number): { members: Int32Array; starts: Int32Array } {
    const count = this.#low.length
    const starts = new Int32Array(bucketCount + 1)
    const keyOf = (at: number): number =>
      quarterOf(this.#low[at] as number, this.#high[at] as number, quarter)
    for (let at = 0; at < count; at++) starts[keyOf(at) + 1]!++
    for (let bucket = 0; bucket < bucketCount; bucket++) starts[bucket + 1]! += starts[bucket]!
    const next = starts.slice()
    const members = new Int32Array(count)
    for (let at = 0; at < count; at++) members[next[keyOf(at)]!++] = at
    return { members, starts }
  }
}

function quarterOf(low: number, high: number, quarter: number): number {
  const half = quarter < 2 ? low : high
  return quarter % 2 === 0 ? half & 0xffff : half >>> 16
}

/** All ways to flip up to `most` of 16 bits, fewest first. */
function flipsUpTo(most: number): Int32Array {
  const flips: number[] = []
  for (let bits = 0; bits < bucketCount; bits++) if (distanceOf(bits, 0, 0, 0) <= most) flips.push(bits)
  return Int32Array.from(flips)
}

/** First place whose member comes after `at`: members ascend. */
function firstAfter(members: Int32Array, from: number, to: number, at: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((members[middle] as number) <= at) low = middle + 1
    else high = middle
  }
  return low
}
