/** The rows of the table of runs: filtered, sorted and gathered into groups, fast enough for ten thousand. */
import type { ColumnValue, RunSummary } from '../../../core/contract/index.ts'
import { fieldOf, smallerIsBetter, valueIn, type Columns } from './fields.ts'
import type { Test } from './query/evaluate.ts'

export type StatusFilter = 'all' | 'active' | 'finished' | 'resumable' | 'failed'

export interface RunOrder {
  /** Name of a field. */
  readonly column: string
  readonly isDescending: boolean
}

export interface GroupRow {
  readonly kind: 'group'
  readonly key: string
  readonly runs: readonly RunSummary[]
  readonly isOpen: boolean
}
export interface RunRow {
  readonly kind: 'run'
  readonly run: RunSummary
  readonly isInGroup: boolean
}
export type TableRow = GroupRow | RunRow

const groups: Readonly<Record<Exclude<StatusFilter, 'all'>, readonly string[]>> = {
  active: ['queued', 'starting', 'running', 'pausing', 'stopping'],
  finished: ['finished'],
  resumable: ['paused', 'stopped', 'interrupted'],
  failed: ['failed', 'interrupted'],
}

export function filterRuns(
  runs: readonly RunSummary[],
  test: Test,
  status: StatusFilter,
  columns: Columns,
): RunSummary[] {
  const wanted = status === 'all' ? null : new Set(groups[status])
  return runs.filter(run => (wanted === null || wanted.has(run.status)) && test(run, columns))
}

export function sortRuns(runs: readonly RunSummary[], order: RunOrder, columns: Columns): RunSummary[] {
  const field = fieldOf(order.column)
  const keyed = runs.map(run => ({ run, key: sortKey(valueIn(columns, field, run)) }))
  const sign = order.isDescending ? -1 : 1
  keyed.sort((a, b) => compare(a.key, b.key, sign) || b.run.createdAt - a.run.createdAt)
  return keyed.map(each => each.run)
}

/**
 * Gathers sorted runs by the value of a field. Groups stand where their first run stands, those without a value last; members
 * follow a group that is open.
 */
export function groupRows(
  sorted: readonly RunSummary[],
  by: string,
  open: ReadonlySet<string>,
  columns: Columns,
): TableRow[] {
  if (by === '') return sorted.map(run => ({ kind: 'run', run, isInGroup: false }))
  const field = fieldOf(by)
  const gathered = new Map<string, RunSummary[]>()
  for (const run of sorted) {
    const value = valueIn(columns, field, run)
    const key = value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value as ColumnValue)
    const members = gathered.get(key)
    if (members) members.push(run)
    else gathered.set(key, [run])
  }
  const lone = gathered.get('') ?? []
  gathered.delete('')
  const rows: TableRow[] = []
  for (const [key, runs] of gathered) {
    const isOpen = open.has(key)
    rows.push({ kind: 'group', key, runs, isOpen })
    if (isOpen) for (const run of runs) rows.push({ kind: 'run', run, isInGroup: true })
  }
  for (const run of lone) rows.push({ kind: 'run', run, isInGroup: false })
  return rows
}

export interface GroupFigures {
  readonly count: number
  readonly mean: number
  /** Of a sample; null for a single value. */
  readonly deviation: number | null
  readonly best: number
}

/** Mean, deviation and best of the numbers that members of a group have in a field; null where they have none. */
export function figuresOf(runs: readonly RunSummary[], name: string, columns: Columns): GroupFigures | null {
  const field = fieldOf(name)
  const values = runs
    .map(run => valueIn(columns, field, run))
    .filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  if (values.length === 0) return null
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null
  const best = smallerIsBetter(name) ? Math.min(...values) : Math.max(...values)
  return { count: values.length, mean, deviation, best }
}

function sortKey(value: ColumnValue | readonly string[]): number | string | null {
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(', ').toLowerCase()
  return typeof value === 'string' ? value.toLowerCase() : (value as number | null)
}

/** What has no value stands last, whichever way the table is sorted; words stand after numbers. */
function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (isNothing(a) || isNothing(b)) return Number(isNothing(a)) - Number(isNothing(b))
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  if (a === b) return 0
  return (a! < b! ? -1 : 1) * sign
}

function isNothing(value: number | string | null): boolean {
  return value === null || value === '' || (typeof value === 'number' && !Number.isFinite(value))
}
