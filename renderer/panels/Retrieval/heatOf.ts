/** Shares of places as a map to draw: those that speak for the match, relative to the largest. */
import type { ActivationMap, MatchMap } from '../../../core/contract/index.ts'

export type Heat = Pick<ActivationMap, 'height' | 'width' | 'values' | 'region'>

export function heatOf(side: MatchMap['query'], shares: readonly number[] = side.shares): Heat {
  const most = Math.max(...shares, 0)
  const { height, width, region } = side
  return { height, width, region, values: shares.map(share => (most > 0 ? Math.max(0, share) / most : 0)) }
}

/** The smallest share of places that hold half of what speaks for the match: small where it rests on few regions. */
export function concentration(shares: readonly number[]): number {
  const positive = shares.filter(share => share > 0).sort((a, b) => b - a)
  const whole = positive.reduce((sum, share) => sum + share, 0)
  let [sum, places] = [0, 0]
  for (const share of positive) {
    if (sum >= whole / 2) break
    sum += share
    places++
  }
  return shares.length === 0 ? 0 : places / shares.length
}

/** Whether all places speak alike for the match, so that none stands out: a map of one colour. */
export function isFlat(shares: readonly number[]): boolean {
  const most = Math.max(...shares, 0)
  return most > 0 && Math.min(...shares) > 0.7 * most
}
