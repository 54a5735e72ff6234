/** Paired tests for figures that two or more networks reached on the same images or queries. */
import { chiSquareTail, halfBinomialTail, normalTail } from './distributions.ts'

/** An estimate with its interval of 95 % confidence. */
export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

const z95 = 1.959963984540054

/**
 * Two-sided exact McNemar test, which is the sign test of the pairs that differ.
 * @param lost pairs where the first alone is right
 * @param gained pairs where the second alone is right
 * @returns p from 0 to 1; 1 where no pair differs.
 * @source McNemar 1947; exact as a binomial test with a probability of one half.
 */
export function mcnemar(lost: number, gained: number): number {
  return Math.min(1, 2 * halfBinomialTail(Math.min(lost, gained), lost + gained))
}

/**
 * Difference of two proportions over the same `count` pairs, second less first, with Tango's score interval, which holds its confidence
 * for few pairs and for none that differ.
 * @returns fractions from -1 to 1; NaN without pairs.
 * @source Tango 1998, Equivalence test and confidence interval for the difference in proportions for the paired-sample design.
 */
export function pairedDifference(lost: number, gained: number, count: number): Interval {
  const estimate = (gained - lost) / count
  if (!(count > 0)) return { estimate: NaN, low: NaN, high: NaN }
  // The score falls as the supposed difference grows.
  const score = (delta: number): number => {
    const a = 2 * count
    const b = -lost - gained + (2 * count - gained + lost) * delta
    const c = -lost * delta * (1 - delta)
    const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
    const variance = count * (2 * share + delta * (1 - delta))
    const distance = gained - lost - count * delta
    return variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity
  }
  const solve = (from: number, to: number, wanted: number): number => {
    let [low, high] = [from, to]
    for (let round = 0; round < 80; round++) {
      const middle = (low + high) / 2
      if (score(middle) > wanted) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return { estimate, low: solve(-1, estimate, z95), high: solve(estimate, 1, -z95) }
}

/**
 * Cochran's Q: whether networks differ at all in how often they are right.
 * @param rightCounts how often each is right, [networks]
 * @param agreement images by how many networks are right on them, [networks + 1]
 * @returns p by the chi-square approximation with networks - 1 degrees of freedom; 1 where no image tells them apart.
 * @source Cochran 1950, The comparison of percentages in matched samples.
 */
export function cochranQ(
  rightCounts: readonly number[],
  agreement: readonly number[],
): { readonly q: number; readonly p: number } {
  const k = rightCounts.length
  const total = rightCounts.reduce((sum, each) => sum + each, 0)
  const squares = rightCounts.reduce((sum, each) => sum + each * each, 0)
  const within = agreement.reduce((sum, images, right) => sum + images * right * (k - right), 0)
  if (within === 0) return { q: 0, p: 1 }
  const q = ((k - 1) * (k * squares - total * total)) / within
  return { q, p: chiSquareTail(q, k - 1) }
}

/**
 * Holm's step-down adjustment for several tests at once.
 * @returns adjusted p values in the order given.
 * @source Holm 1979, A simple sequentially rejective multiple test procedure.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((one, other) => ps[one]! - ps[other]!)
  const adjusted = ps.map(() => 1)
  let highest = 0
  order.forEach((index, place) => {
    highest = Math.max(highest, Math.min(1, ps[index]! * (ps.length - place)))
    adjusted[index] = highest
  })
  return adjusted
}

export interface SignedRank {
  /** Sum of the ranks of differences above zero. */
  readonly rankSum: number
  /** Differences that are not zero. */
  readonly count: number
  /** Two-sided. */
  readonly p: number
  readonly isExact: boolean
}

/** Up to so many differences the distribution is counted out. */
const exactUpTo = 60

/**
 * Wilcoxon's signed-rank test of paired differences; zeros are left out, equal sizes share the mean of their ranks. The distribution is
 * exact, ties included, up to 60 differences, and normal beyond, with the variance corrected for ties.
 * @source Wilcoxon 1945; Pratt and Gibbons 1981 for ties.
 */
export function wilcoxon(differences: ArrayLike<number>): SignedRank {
  const nonZero = Array.from(differences).filter(each => each !== 0 && Number.isFinite(each))
  const count = nonZero.length
  if (count === 0) return { rankSum: 0, count, p: 1, isExact: true }
  const sorted = nonZero.sort((one, other) => Math.abs(one) - Math.abs(other))
  // Twice the ranks, so that means of two are whole numbers.
  const ranks = doubledRanks(sorted.map(Math.abs))
  const positive = sorted.reduce((sum, each, at) => sum + (each > 0 ? ranks[at]! : 0), 0)
  const isExact = count <= exactUpTo
  const p = isExact ? exactTails(ranks, positive) : normalTails(ranks, positive)
  return { rankSum: positive / 2, count, p, isExact }
}

/** @param sizes in ascending order */
function doubledRanks(sizes: readonly number[]): number[] {
  const ranks: number[] = []
  for (let from = 0; from < sizes.length;) {
    let end = from + 1
    while (end < sizes.length && sizes[end] === sizes[from]) end++
    for (let at = from; at < end; at++) ranks.push(from + end + 1)
    from = end
  }
  return ranks
}

/** Counts how many of all choices of signs lie as far from the middle. */
function exactTails(ranks: readonly number[], positive: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  let chances = new Float64Array(total + 1)
  chances[0] = 1
  for (const rank of ranks) {
    const next = new Float64Array(total + 1)
    for (let sum = 0; sum <= total; sum++)
      next[sum] = (chances[sum]! + (sum >= rank ? chances[sum - rank]! : 0)) / 2
    chances = next
  }
  const edge = Math.min(positive, total - positive)
  const tail = chances.subarray(0, edge + 1).reduce((sum, chance) => sum + chance, 0)
  return Math.min(1, 2 * tail)
}

function normalTails(ranks: readonly number[], positive: number): number {
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 2
  const deviation = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0)) / 2
  return Math.min(1, 2 * normalTail(Math.abs(positive - mean) / deviation))
}
