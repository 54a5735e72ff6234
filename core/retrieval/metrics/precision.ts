/** Precision of one query's first images. Fractions from 0 to 1; NaN without relevant images. */
import type { Ranking } from '../ranking.ts'

/** Share of the first k that are relevant; a gallery of fewer counts as k. */
export function precisionAt({ positions, relevantCount }: Ranking, k: number): number {
  return relevantCount === 0 ? NaN : hits(positions, k) / k
}

/**
 * Share of the first k that are relevant, k being no larger than the rank of the last relevant image.
 * @source compute_map of revisitop: mP@k.
 */
export function revisitedPrecisionAt({ positions, relevantCount }: Ranking, k: number): number {
  if (relevantCount === 0) return NaN
  if (positions.length === 0) return 0
  return precisionAt({ positions, relevantCount }, Math.min(positions.at(-1)! + 1, k))
}

/** Share of the first R that are relevant, R being the number of relevant images. */
export function rPrecision(ranking: Ranking): number {
  return precisionAt(ranking, ranking.relevantCount)
}

/**
 * How many of the first four show the object, the query itself among them: 0 to 4.
 * @source Nistér and Stewénius 2006, the score of UKBench.
 */
export function nisterStewenius({ positions }: Ranking): number {
  return hits(positions, 4)
}

function hits(positions: Int32Array, k: number): number {
  let count = 0
  while (count < positions.length && positions[count]! < k) count++
  return count
}
