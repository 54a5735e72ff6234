/** Where the right images of a query stand in the ranked gallery. */

/** A query's outcome, from which every metric is computed. */
export interface Ranking {
  /** Ranks of the relevant images, from 0, ascending; images that do not count (junk, the query itself) are taken out first. */
  readonly positions: Int32Array
  /** Relevant images there are; more than `positions` where a list was cut off. */
  readonly relevantCount: number
}

/**
 * Ranks of the relevant images without sorting the gallery: higher scores come first, of equal ones the lower index. A score that is not
 * a number comes last.
 * @param scores of every gallery image, [N]
 * @param relevant indices of the gallery; those that are ignored as well do not count
 * @param ignored indices taken out of the ranking
 */
export function rankingOf(scores: Float32Array, relevant: Int32Array, ignored: Iterable<number>): Ranking {
  const out = new Set(ignored)
  const wanted = Int32Array.from(new Set(relevant))
    .filter(index => !out.has(index))
    .sort((one, other) => compare(scores, one, other))
  const before = new Int32Array(wanted.length + 1)
  for (let index = 0; index < scores.length; index++) {
    // The first relevant image that stands at this place or behind it: all from there on have one more before them.
    if (!out.has(index)) before[firstNotBefore(scores, wanted, index)]!++
  }
  const positions = new Int32Array(wanted.length)
  let count = 0
  for (let j = 0; j < wanted.length; j++) {
    count += before[j]!
    positions[j] = count - 1
  }
  return { positions, relevantCount: wanted.length }
}

/**
 * The ranking of a list of gallery indices, best first.
 * @param relevant indices that count as right
 * @param ignored indices taken out of the list
 */
export function rankingOfList(
  list: Iterable<number>,
  relevant: Iterable<number>,
  ignored: Iterable<number>,
): Ranking {
  const out = new Set(ignored)
  const wanted = new Set([...relevant].filter(index => !out.has(index)))
  const positions: number[] = []
  let rank = 0
  for (const index of list) {
    if (out.has(index)) continue
    if (wanted.has(index)) positions.push(rank)
    rank++
  }
  return { positions: Int32Array.from(positions), relevantCount: wanted.size }
}

/** Negative when one stands before the other. */
export function compare(scores: Float32Array, one: number, other: number): number {
  const [a, b] = [scores[one]!, scores[other]!]
  if (a > b || (b !== b && a === a)) return -1
  if (a < b || (a !== a && b === b)) return 1
  return one - other
}

/** Place of the first of the sorted `wanted` that does not stand before `index`; their number when all do. */
function firstNotBefore(scores: Float32Array, wanted: Int32Array, index: number): number {
  let low = 0
  let high = wanted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(scores, wanted[middle]!, index) < 0) low = middle + 1
    else high = middle
  }
  return low
}
