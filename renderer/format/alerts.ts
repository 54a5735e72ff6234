/** Alerts and their rules as text. */
import type { Alert, AlertKind } from '../../core/contract/index.ts'
import { t } from '../language/index.ts'
import { count, value as formatValue } from './numbers.ts'

export function alertText({ kind, metric, value, limit, step }: Omit<Alert, 'id' | 'isSeen'>): string {
  const shown = typeof value === 'number' ? formatValue(value) : (value ?? '–')
  const filled = { metric, value: shown, limit: formatValue(limit), step: count(step) }
  const texts: Readonly<Record<AlertKind, () => string>> = {
    above: () => t('{metric} is {value}, above {limit}, at step {step}', filled),
    below: () => t('{metric} is {value}, below {limit}, at step {step}', filled),
    'not-finite': () => t('{metric} is {value} at step {step}', filled),
    'no-progress': () => t('No progress for {limit} minutes, at step {step}', filled),
    'no-improvement': () => t('{metric} has not improved for {limit} steps; the best is {value}', filled),
  }
  return texts[kind]()
}

export function kindText(kind: AlertKind): string {
  return {
    above: t('rises above'),
    below: t('falls below'),
    'not-finite': t('is NaN or infinite'),
    'no-progress': t('makes no progress'),
    'no-improvement': t('does not improve'),
  }[kind]
}
