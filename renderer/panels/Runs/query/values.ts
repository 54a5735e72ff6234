/** Numbers with units as people write them: `80%`, `2h`, `1.5GB`, `2026-11-22`. */
import { t } from '../../../language/index.ts'
import type { FieldKind } from '../fields.ts'
import type { Value } from './parse.ts'
import { QueryError } from './tokens.ts'

const durations: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 },
}
const sizes: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}
const thousands: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 }

/** Whether a value stands for the absence of one. */
export function isNone({ text, isQuoted }: Value): boolean {
  return !isQuoted && ['none', 'null'].includes(text.toLowerCase())
}

/** The number that a word stands for; null where it is none. */
export function numberOf({ text }: Pick<Value, 'text'>, kind: FieldKind): number | null {
  if (kind === 'time') return momentOf(text)
  if (kind === 'flag') return flagOf(text)
  const [, digits, unit = ''] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([a-z]*|%)$/i.exec(text) ?? []
  if (digits === undefined) return null
  const number = Number(digits)
  if (unit !== '') {
    const factor = factorOf(unit.toLowerCase(), kind)
    return factor === undefined ? null : number * factor
  }
  // No share is above 1: it is meant as the columns show it, in percent.
  return kind === 'share' && number > 1 ? number / 100 : number
}

/** The same, with an error that says what may be written. */
export function neededNumber(value: Value, kind: FieldKind): number {
  const number = numberOf(value, kind)
  if (number !== null) return number
  const examples: Partial<Record<FieldKind, string>> = {
    ...{ share: '0.8, 80%, 80', duration: '90s, 5min, 2h, 3d', bytes: '500MB, 2GiB', time: '2026-11-22' },
    ...{ flag: t('yes, no') },
  }
  const example = examples[kind] ?? '64, 1e-3, 10k'
  throw new QueryError(t('A number must stand here, such as {example}', { example }), value)
}

function factorOf(unit: string, kind: FieldKind): number | undefined {
  if (unit === '%') return 0.01
  if (kind === 'duration') return durations[unit]
  if (kind === 'bytes') return sizes[unit]
  return thousands[unit]
}

function momentOf(text: string): number | null {
  if (!/^\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?$/.test(text)) return null
  // A day is one where the reader is, not in Greenwich.
  const local = text.length <= 10 ? `${text.length === 7 ? `${text}-01` : text}T00:00` : text
  const ms = new Date(local).getTime()
  return Number.isNaN(ms) ? null : ms
}

function flagOf(text: string): number | null {
  const word = text.toLowerCase()
  if (['yes', 'true', '1'].includes(word)) return 1
  return ['no', 'false', '0'].includes(word) ? 0 : null
}
