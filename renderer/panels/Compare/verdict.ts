/** What a paired test says, in plain words. */
import type { PairFigures } from '../../../core/contract/index.ts'
import { percent } from '../../format/numbers.ts'
import { t } from '../../language/index.ts'

/** A difference that chance gives more often than this is none. */
export const significance = 0.05

export type Verdict = 'better' | 'worse' | 'same' | 'unclear'

/** Of the second against the first. */
export function verdictOf({ gained, lost, adjusted }: PairFigures): Verdict {
  if (gained + lost === 0) return 'same'
  if (adjusted >= significance || gained === lost) return 'unclear'
  return gained > lost ? 'better' : 'worse'
}

export function verdictTitle(pair: PairFigures, a: string, b: string): string {
  switch (verdictOf(pair)) {
    case 'better':
      return t('{b} is better than {a}', { a, b })
    case 'worse':
      return t('{b} is worse than {a}', { a, b })
    case 'same':
      return t('{a} and {b} are right on the same images', { a, b })
    case 'unclear':
      return t('No difference between {a} and {b} can be told', { a, b })
  }
}

export function verdictText(pair: PairFigures, a: string, b: string): string {
  const { gained, lost, bothRight, bothWrong, difference, adjusted } = pair
  const imageCount = gained + lost + bothRight + bothWrong
  const values = {
    ...{ a, b, gained, lost, total: imageCount },
    p: pText(adjusted),
    low: points(difference.low),
    high: points(difference.high),
    points: points(difference.estimate),
  }
  if (gained + lost === 0)
    return t(
      'None of the {total} images tells them apart: a real difference lies within {low} to {high}.',
      values,
    )
  const counts = t('Of {total} images {b} alone is right on {gained}, {a} alone on {lost}.', values)
  const rest =
    verdictOf(pair) === 'unclear'
      ? t(
          'Chance gives a difference like that too often ({p}). A real one lies within {low} to {high} of top-1, with 95 % confidence.',
          values,
        )
      : t(
          'Top-1 differs by {points}, with 95 % confidence by {low} to {high}; chance hardly gives that ({p}).',
          values,
        )
  return `${counts} ${rest}`
}

/** 0.379 → `+37.9 pp`, percentage points. */
export function points(difference: number | null | undefined, digits = 1): string {
  if (difference === null || difference === undefined || !Number.isFinite(difference)) return '–'
  const text = (difference * 100).toFixed(digits)
  const isZero = Number(text) === 0
  const sign = isZero ? '±' : difference > 0 ? '+' : '−'
  return t('{points} pp', { points: `${sign}${text.replace('-', '')}` })
}

/** As papers print it: never `p = 0`. */
export function pText(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${p < 0.01 ? p.toFixed(4) : p.toFixed(2)}`
}

/** 12 of 50 → `24.0 %`. */
export function shareText(part: number, whole: number): string {
  return whole === 0 ? '–' : percent(part / whole)
}
