/** Average precision of one query, in its three definitions. All are fractions from 0 to 1; NaN without relevant images. */
import type { Ranking } from '../ranking.ts'

/**
 * Area under precision over recall by trapezoids, as the Oxford and Paris buildings are measured.
 * @source Philbin et al. 2007; compute_ap of revisitop (Radenović et al. 2018).
 */
export function trapezoidAveragePrecision({ positions, relevantCount }: Ranking): number {
  if (relevantCount === 0) return NaN
  let sum = 0
  positions.forEach((rank, j) => {
    const before = rank === 0 ? 1 : j / rank
    sum += (before + (j + 1) / (rank + 1)) / 2
  })
  return sum / relevantCount
}

/**
 * Mean of the precision at the rank of each relevant image, one that was not found counting 0.
 * @source Manning et al. 2008, Introduction to Information Retrieval, section 8.4.
 */
export function averagePrecision({ positions, relevantCount }: Ranking): number {
  return relevantCount === 0 ? NaN : precisionSum(positions) / relevantCount
}

/**
 * The same over the first R images alone, R being the number of relevant ones.
 * @source Musgrave et al. 2020, A Metric Learning Reality Check, section 4.1.
 */
export function averagePrecisionAtR({ positions, relevantCount }: Ranking): number {
  if (relevantCount === 0) return NaN
  return precisionSum(positions.filter(rank => rank < relevantCount)) / relevantCount
}

function precisionSum(positions: Int32Array): number {
  return positions.reduce((sum, rank, j) => sum + (j + 1) / (rank + 1), 0)
}
