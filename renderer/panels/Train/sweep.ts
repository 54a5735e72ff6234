/** Fields that are varied, as the form holds them, and as the host is asked for them. */
import type { SweepInput, SweptField } from '../../../core/contract/index.ts'
import type { Field } from './schema.ts'

/** How a field is varied: `text` holds its values, separated by commas; `from`, `to` and `count` are a range. */
export interface SweptDraft {
  readonly path: string
  readonly kind: 'list' | 'linear' | 'log'
  readonly values: readonly unknown[]
  readonly from: number
  readonly to: number
  readonly count: number
  readonly isInteger: boolean
}

export interface SweepDraft {
  readonly fields: readonly SweptDraft[]
  readonly search: 'grid' | 'random'
  readonly count: number
  readonly seed: number
  readonly mostRuns: number
  readonly budgetHours: number | null
}

export const noSweep: SweepDraft = {
  ...{ fields: [], search: 'grid', count: 10, seed: 0, mostRuns: 50, budgetHours: null },
}

const hourMs = 3_600_000

export function sweepInput(draft: SweepDraft): SweepInput {
  const { search, count, seed, mostRuns, budgetHours } = draft
  const budgetMs = budgetHours === null ? null : Math.max(1000, Math.round(budgetHours * hourMs))
  return { fields: draft.fields.map(sweptField), search, count, seed, mostRuns, budgetMs }
}

function sweptField({ path, kind, values, from, to, count, isInteger }: SweptDraft): SweptField {
  if (kind === 'list') return { path, values: [...values], range: null }
  return { path, values: [], range: { from, to, scale: kind, count, isInteger } }
}

/** Kinds of fields that can be varied. */
export function canSweep({ kind }: Field): boolean {
  return ['number', 'integer', 'boolean', 'enum', 'choice'].includes(kind)
}

/** How a field is varied at first: about its value as it stands, or over all that it may be. */
export function firstSweep(field: Field, value: unknown, entries: readonly string[] = []): SweptDraft {
  const path = field.kind === 'choice' ? `${field.path}.name` : field.path
  const base = { path, from: 0, to: 1, count: 3, isInteger: field.kind === 'integer' }
  if (field.kind === 'boolean') return { ...base, kind: 'list', values: [false, true] }
  if (field.kind === 'enum') return { ...base, kind: 'list', values: [...field.values] }
  if (field.kind === 'choice')
    return { ...base, kind: 'list', values: entries.filter(name => name === value) }
  const number = typeof value === 'number' && Number.isFinite(value) ? value : 1
  const least = field.min ?? -Infinity
  const most = field.max ?? Infinity
  const clamp = (each: number): number => Math.min(most, Math.max(least, each))
  const spread = number === 0 ? [0, 0.1] : [clamp(round(number / 3)), clamp(round(number * 3))]
  const around = field.kind === 'integer' ? spread.map(each => Math.max(1, Math.round(each))) : spread
  const values = [...new Set([around[0]!, number, around[1]!])].sort((a, b) => a - b)
  return { ...base, kind: 'list', values, from: around[0]!, to: around[1]! }
}

function round(value: number): number {
  return Number(value.toPrecision(2))
}
