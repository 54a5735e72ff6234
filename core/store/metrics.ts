/** Writing metric points: every one is kept, each exactly once however often its batch is sent. */
import type { SeriesInfo } from '../contract/index.ts'
import { curveReader, type CurveQuery, type StoredCurve } from './curves.ts'
import type { Database } from './engine.ts'
import { rowReader, stepReader, type RowPage, type RowQuery, type StepFacts } from './metricRows.ts'
import { pyramidWriter, type Column } from './pyramid.ts'
import { splitName } from './seriesName.ts'
import { smoother, type Smoother } from './smoothed.ts'

/** Values of one step by `split/name`; they may be NaN or infinite. */
export interface MetricPoint {
  readonly step: number
  readonly epoch: number
  readonly wallMs: number
  readonly values: Readonly<Record<string, number>>
}

export interface MetricStore {
  /** Stores points in one transaction. @returns how many values were new. */
  append(run: number, attempt: number, points: readonly MetricPoint[]): number
  series(run: number): SeriesInfo[]
  read(run: number, query: CurveQuery): StoredCurve[]
  /** Fills in the moving averages of curves, in slices of some milliseconds. */
  readonly smooth: Smoother
  /** A page of every recorded step with the values of some series. */
  rows(run: number, query: RowQuery): RowPage
  /** What is recorded at the step nearest to one; null when nothing is. */
  step(run: number, step: number): StepFacts | null
  /** Drops what is remembered of the tables, as an outer transaction was rolled back. */
  forget(): void
}

export function metricStore(database: Database): MetricStore {
  const insertStep = database.prepare('INSERT OR IGNORE INTO steps VALUES (?, ?, ?, ?, ?)')
  const insertPoint = database.prepare('INSERT OR IGNORE INTO points VALUES (?, ?, ?, ?)')
  const insertNonFinite = database.prepare('INSERT OR IGNORE INTO non_finite VALUES (?, ?, ?, ?)')
  const numbers = seriesNumbers(database)
  const count = counter(database)
  const note = figures(database)
  const merge = pyramidWriter(database)

  const append = database.transaction((run: number, attempt: number, points: readonly MetricPoint[]) => {
    const fresh = new Map<number, Column>()
    for (const point of points) {
      insertStep.run(run, attempt, point.step, point.epoch, Math.round(point.wallMs))
      for (const name of Object.keys(point.values)) {
        const value = point.values[name] as number
        const series = numbers.of(run, name)
        const isFinite = Number.isFinite(value)
        const { changes } = insertPoint.run(series, attempt, point.step, isFinite ? value : null)
        if (changes === 0) continue
        if (!isFinite) insertNonFinite.run(series, attempt, point.step, String(value))
        let column = fresh.get(series)
        if (!column) fresh.set(series, (column = { steps: [], values: [] }))
        column.steps.push(point.step)
        column.values.push(value)
      }
    }
    let total = 0
    for (const [series, column] of fresh) {
      merge(series, attempt, ascending(column))
      count(series, attempt, column.steps)
      note(series, column.values)
      total += column.steps.length
    }
    return total
  })
  const infos = database.prepare(
    `SELECT s.name AS fullName, coalesce(sum(a.point_count), 0) AS pointCount
     FROM series s LEFT JOIN series_attempts a ON a.series = s.number WHERE s.run = ? GROUP BY s.number ORDER BY s.number`,
  )
  return {
    append(run, attempt, points) {
      try {
        return append(run, attempt, points)
      } catch (thrown) {
        numbers.forget()
        throw thrown
      }
    },
    series: run => (infos.all(run) as { fullName: string; pointCount: number }[]).map(infoOf),
    read: curveReader(database),
    smooth: smoother(database),
    rows: rowReader(database),
    step: stepReader(database),
    forget: numbers.forget,
  }
}

function infoOf(row: { fullName: string; pointCount: number }): SeriesInfo {
  const { split, name } = splitName(row.fullName)
  return { name, split, unit: unitOf(name), pointCount: row.pointCount }
}

function unitOf(name: string): string {
  if (name === 'imagesPerSecond') return 'images/s'
  const [, unit] = /(Ms|Bytes|Celsius|Watts|Share)$/.exec(name) ?? []
  if (unit !== undefined) return { Ms: 'ms', Bytes: 'bytes', Celsius: '°C', Watts: 'W' }[unit] ?? 'fraction'
  return /^top\d+$/.test(name) ? 'fraction' : ''
}

interface SeriesNumbers {
  of(run: number, name: string): number
  /** After a rollback: numbers given out in it do not exist. */
  forget(): void
}

/** Keeps the numbers of series it has seen, as every point asks for one. */
function seriesNumbers(database: Database): SeriesNumbers {
  const find = database.prepare('SELECT number FROM series WHERE run = ? AND name = ?').pluck()
  const insert = database.prepare('INSERT INTO series (run, name) VALUES (?, ?)')
  const noteName = database.prepare('INSERT OR IGNORE INTO series_names VALUES (?)')
  const cache = new Map<number, Map<string, number>>()
  return {
    of(run, name) {
      let ofRun = cache.get(run)
      if (!ofRun) {
        if (cache.size >= 64) cache.clear()
        cache.set(run, (ofRun = new Map()))
      }
      const known = ofRun.get(name)
      if (known !== undefined) return known
      let found = find.get(run, name) as number | undefined
      if (found === undefined) {
        noteName.run(name)
        found = Number(insert.run(run, name).lastInsertRowid)
      }
      ofRun.set(name, found)
      return found
    },
    forget: () => cache.clear(),
  }
}

function counter(database: Database): (series: number, attempt: number, steps: readonly number[]) => void {
  const upsert = database.prepare(`
    INSERT INTO series_attempts VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      point_count = point_count + excluded.point_count,
      first_step = min(first_step, excluded.first_step),
      last_step = max(last_step, excluded.last_step)`)
  return (series, attempt, steps) => {
    let first = Infinity
    let last = -Infinity
    for (const step of steps) {
      if (step < first) first = step
      if (step > last) last = step
    }
    upsert.run(series, attempt, steps.length, first, last)
  }
}

/** Keeps the last, lowest and highest finite value of each series, for lists of runs. */
function figures(database: Database): (series: number, values: readonly number[]) => void {
  const update = database.prepare(`
    UPDATE series SET last = coalesce(?, last), min = coalesce(min(min, ?), min, ?), max = coalesce(max(max, ?), max, ?)
    WHERE number = ?`)
  return (series, values) => {
    let [min, max, last] = [Infinity, -Infinity, NaN]
    for (const value of values) {
      if (!Number.isFinite(value)) continue
      if (value < min) min = value
      if (value > max) max = value
      last = value
    }
    if (Number.isNaN(last)) return
    update.run(last, min, min, max, max, series)
  }
}

/** The same points with ascending steps; they nearly always are. */
function ascending(column: Column): Column {
  if (column.steps.every((step, index) => index === 0 || step > (column.steps[index - 1] as number)))
    return column
  const order = column.steps
    .map((_, index) => index)
    .sort((a, b) => (column.steps[a] as number) - (column.steps[b] as number))
  return {
    steps: order.map(index => column.steps[index] as number),
    values: order.map(index => column.values[index] as number),
  }
}
