/** Recorded values by step: pages of them for files, and what is known about one step. */
import type { Database } from './engine.ts'

export interface RowQuery {
  readonly names: readonly string[]
  readonly after: { readonly attempt: number; readonly step: number } | null
  readonly limit: number
}

type Value = number | 'NaN' | 'Infinity' | '-Infinity'

export interface StoredRow {
  readonly attempt: number
  readonly step: number
  readonly epoch: number
  readonly wallMs: number
  readonly isReplaced: boolean
  readonly values: (Value | null)[]
}

export interface RowPage {
  readonly rows: StoredRow[]
  readonly next: { readonly attempt: number; readonly step: number } | null
}

export interface StepFacts {
  readonly step: number
  readonly attempt: number
  readonly epoch: number
  readonly wallMs: number
  readonly values: { readonly key: string; readonly value: Value; readonly step: number }[]
  readonly previousStep: number | null
  readonly nextStep: number | null
}

interface StepRow {
  readonly attempt: number
  readonly step: number
  readonly epoch: number
  readonly wallMs: number
}

/** Pages of every recorded step with the values of some series, attempt after attempt. */
export function rowReader(database: Database): (run: number, query: RowQuery) => RowPage {
  const steps = database.prepare(
    `SELECT attempt, step, epoch, wall_ms AS wallMs FROM steps
     WHERE run = ? AND (attempt, step) > (?, ?) ORDER BY attempt, step LIMIT ?`,
  )
  const valuesOf = valueReader(database)
  const orphaned = orphanedFrom(database)
  return (run, { names, after, limit }) => {
    const found = steps.all(run, after?.attempt ?? -1, after?.step ?? -1, limit) as StepRow[]
    const maps = names.map(name => valuesOf(run, name, found))
    const limits = new Map<number, number>()
    const rows = found.map((row, index) => {
      let from = limits.get(row.attempt)
      if (from === undefined) limits.set(row.attempt, (from = orphaned(run, row.attempt)))
      return { ...row, isReplaced: row.step > from, values: maps.map(map => map[index] ?? null) }
    })
    const last = found.length === limit ? found.at(-1) : undefined
    return { rows, next: last ? { attempt: last.attempt, step: last.step } : null }
  }
}

/** Reads the values of a series at some steps, which are in the order of the table. */
function valueReader(database: Database) {
  const numberOf = database.prepare('SELECT number FROM series WHERE run = ? AND name = ?').pluck()
  const points = database
    .prepare(
      `SELECT p.step, coalesce(p.value, n.value) FROM points p
       LEFT JOIN non_finite n ON p.value IS NULL AND n.series = p.series AND n.attempt = p.attempt AND n.step = p.step
       WHERE p.series = ? AND p.attempt = ? AND p.step BETWEEN ? AND ? ORDER BY p.step`,
    )
    .raw()
  return (run: number, name: string, rows: readonly StepRow[]): (Value | null)[] => {
    const series = numberOf.get(run, name) as number | undefined
    if (series === undefined) return rows.map(() => null)
    const found = new Map<string, Value>()
    for (const attempt of new Set(rows.map(row => row.attempt))) {
      const own = rows.filter(row => row.attempt === attempt)
      const [first, last] = [own[0]!.step, own.at(-1)!.step]
      for (const [step, value] of points.all(series, attempt, first, last) as [number, Value][])
        found.set(`${attempt}/${step}`, value)
    }
    return rows.map(({ attempt, step }) => found.get(`${attempt}/${step}`) ?? null)
  }
}

/** The recorded step nearest to one that is asked for, of the attempt that counts there, with each series' value at or before it. */
export function stepReader(database: Database): (run: number, step: number) => StepFacts | null {
  const columns = 'attempt, step, epoch, wall_ms AS wallMs'
  const attempts = database
    .prepare('SELECT number, from_step FROM attempts WHERE run = ? ORDER BY number DESC')
    .raw()
  const before = database.prepare(
    `SELECT ${columns} FROM steps WHERE run = ? AND attempt = ? AND step <= ? ORDER BY step DESC LIMIT 1`,
  )
  const after = database.prepare(
    `SELECT ${columns} FROM steps WHERE run = ? AND attempt = ? AND step >= ? ORDER BY step LIMIT 1`,
  )
  const newest = database.prepare(
    `SELECT ${columns} FROM steps WHERE run = ? ORDER BY attempt DESC, step DESC LIMIT 1`,
  )
  const series = database.prepare('SELECT number, name FROM series WHERE run = ? ORDER BY number').raw()
  const value = database
    .prepare(
      `SELECT p.step, coalesce(p.value, n.value) FROM points p
       LEFT JOIN non_finite n ON p.value IS NULL AND n.series = p.series AND n.attempt = p.attempt AND n.step = p.step
       WHERE p.series = ? AND p.attempt = ? AND p.step <= ? ORDER BY p.step DESC LIMIT 1`,
    )
    .raw()
  const nearest = (run: number, step: number): StepRow | null => {
    for (const [attempt, fromStep] of attempts.all(run) as [number, number][]) {
      if (fromStep >= step && fromStep > 0) continue
      const low = before.get(run, attempt, step) as StepRow | undefined
      const high = after.get(run, attempt, step) as StepRow | undefined
      if (low && high) return step - low.step <= high.step - step ? low : high
      const found = low ?? high
      if (found) return found
    }
    return (newest.get(run) as StepRow | undefined) ?? null
  }
  return (run, step) => {
    const found = nearest(run, step)
    if (!found) return null
    const { attempt } = found
    const values = (series.all(run) as [number, string][]).flatMap(([number, key]) => {
      const row = value.get(number, attempt, found.step) as [number, Value] | undefined
      return row ? [{ key, value: row[1], step: row[0] }] : []
    })
    const neighbour = (row: unknown): number | null => (row as StepRow | undefined)?.step ?? null
    return {
      ...found,
      values,
      previousStep: neighbour(before.get(run, attempt, found.step - 1)),
      nextStep: neighbour(after.get(run, attempt, found.step + 1)),
    }
  }
}

/** The last step of an attempt that no later one replaced. */
function orphanedFrom(database: Database): (run: number, attempt: number) => number {
  const least = database.prepare('SELECT min(from_step) FROM attempts WHERE run = ? AND number > ?').pluck()
  return (run, attempt) => (least.get(run, attempt) as number | null) ?? Infinity
}
