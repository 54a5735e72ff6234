/** Whether and how soon something relevant is found for one query. NaN without relevant images. */
import type { Ranking } from '../ranking.ts'

/**
 * 1 when any of the first k is relevant, else 0: its mean is the Recall@k of metric learning.
 * @source Jégou et al. 2011; Oh Song et al. 2016.
 */
export function recallAt({ positions, relevantCount }: Ranking, k: number): number {
  if (relevantCount === 0) return NaN
  return positions.length > 0 && positions[0]! < k ? 1 : 0
}

/** 1 ÷ (rank of the first relevant image, from 1); 0 when none is found. */
export function reciprocalRank({ positions, relevantCount }: Ranking): number {
  if (relevantCount === 0) return NaN
  return positions.length === 0 ? 0 : 1 / (positions[0]! + 1)
}
