/**
 * Reading curves: at most so many buckets of equal width, each with its minimum, maximum and last value. Widths are powers of two
 * of steps, counted from step 0, so that buckets stand still while points arrive.
 */
import type { Curve } from '../contract/index.ts'
import type { Database } from './engine.ts'
import { absorb, widths } from './pyramid.ts'
import { splitName } from './seriesName.ts'

export interface CurveQuery {
  /** `split/name`; empty for all. */
  readonly names: readonly string[]
  readonly fromStep: number | null
  readonly toStep: number | null
  readonly maxPoints: number
}

export type StoredCurve = Curve

/** Points that are not finite and are listed one by one; a run that only yields NaN must not fill the answer. */
const mostNonFinite = 1000

/** A stretch of one attempt of one series. */
interface Stretch {
  readonly series: number
  readonly attempt: number
  readonly from: number
  readonly to: number
}

interface Row {
  firstStep: number
  lastStep: number
  min: number | null
  max: number | null
  last: number | null
}

interface Extent {
  readonly series: number
  readonly fullName: string
  readonly attempt: number
  readonly pointCount: number
  readonly firstStep: number
  readonly lastStep: number
}

export function curveReader(database: Database): (run: number, query: CurveQuery) => StoredCurve[] {
  const extents = database.prepare(
    `SELECT a.series, s.name AS fullName, a.attempt, a.point_count AS pointCount, a.first_step AS firstStep,
       a.last_step AS lastStep
     FROM series s JOIN series_attempts a ON a.series = s.number WHERE s.run = ? ORDER BY s.number, a.attempt`,
  )
  const rowsOf = rowReader(database)
  const nonFinite = database.prepare(
    `SELECT step, value FROM non_finite WHERE series = ? AND attempt = ? AND step BETWEEN ? AND ? ORDER BY step LIMIT ?`,
  )
  const orphanedFrom = orphans(database)
  return (run, query) => {
    const timesOf = stepTimes(database, run)
    const wanted = (extents.all(run) as Extent[]).filter(
      each => query.names.length === 0 || query.names.includes(each.fullName),
    )
    return wanted.flatMap(extent => {
      const { series, attempt } = extent
      const from = Math.max(extent.firstStep, query.fromStep ?? extent.firstStep)
      const to = Math.min(extent.lastStep, query.toStep ?? extent.lastStep)
      if (from > to) return []
      const rows = rowsOf({ series, attempt, from, to }, extent.pointCount, query.maxPoints)
      const times = rows.map(row => timesOf(attempt, row.firstStep))
      const orphaned = orphanedFrom(run, attempt)
      return [
        {
          ...splitName(extent.fullName),
          attempt,
          step: rows.map(row => row.firstStep),
          epoch: times.map(time => time.epoch),
          wallMs: times.map(time => time.wallMs),
          min: rows.map(row => row.min),
          max: rows.map(row => row.max),
          last: rows.map(row => row.last),
          nonFinite: nonFinite.all(series, attempt, from, to, mostNonFinite) as Curve['nonFinite'],
          orphanedFromStep: orphaned !== null && orphaned <= extent.lastStep ? orphaned : null,
        },
      ]
    })
  }
}

/** Rows of a stretch, at most `maxPoints`. */
function rowReader(database: Database): (stretch: Stretch, pointCount: number, maxPoints: number) => Row[] {
  const points = database
    .prepare(
      'SELECT step, value FROM points WHERE series = ? AND attempt = ? AND step BETWEEN ? AND ? ORDER BY step',
    )
    .raw()
  const buckets = database
    .prepare(
      `SELECT first_step, last_step, min, max, last FROM pyramid
       WHERE series = ? AND attempt = ? AND width = ? AND bucket BETWEEN ? AND ? ORDER BY bucket`,
    )
    .raw()
  const raw = ({ series, attempt, from, to }: Stretch): Row[] =>
    from > to ? [] : (points.all(series, attempt, from, to) as [number, number | null][]).map(ofPoint)
  return (stretch, pointCount, maxPoints) => {
    if (pointCount <= maxPoints) return raw(stretch)
    const width = bucketWidth(stretch, maxPoints)
    const level = widths.findLast(each => each <= width)
    if (level === undefined) return grouped(raw(stretch), width)
    // Whole buckets come from the pyramid; the ends, which a zoom may cut, come from the points.
    const { series, attempt, from, to } = stretch
    const firstWhole = Math.ceil(from / level)
    const endWhole = Math.floor((to + 1) / level)
    if (firstWhole >= endWhole) return grouped(raw(stretch), width)
    const whole = buckets.all(series, attempt, level, firstWhole, endWhole - 1) as PyramidRow[]
    return grouped(
      [
        ...raw({ ...stretch, to: firstWhole * level - 1 }),
        ...whole.map(ofBucket),
        ...raw({ ...stretch, from: endWhole * level }),
      ],
      width,
    )
  }
}

type PyramidRow = [number, number, number | null, number | null, number | null]

function ofPoint([step, value]: [number, number | null]): Row {
  return { firstStep: step, lastStep: step, min: value, max: value, last: value }
}

function ofBucket([firstStep, lastStep, min, max, last]: PyramidRow): Row {
  return { firstStep, lastStep, min, max, last }
}

/** The least power of two that covers the stretch with at most `maxPoints` buckets. */
function bucketWidth({ from, to }: Stretch, maxPoints: number): number {
  let width = 1
  while (Math.floor(to / width) - Math.floor(from / width) + 1 > maxPoints) width *= 2
  return width
}

function grouped(rows: readonly Row[], width: number): Row[] {
  const groups: Row[] = []
  let current = NaN
  for (const row of rows) {
    const group = Math.floor(row.firstStep / width)
    if (group === current) absorb(groups.at(-1) as Row, row)
    else groups.push({ ...row })
    current = group
  }
  return groups
}

/** Epoch and time of steps; neighbouring series ask for the same ones. */
function stepTimes(database: Database, run: number) {
  const find = database.prepare(
    'SELECT epoch, wall_ms AS wallMs FROM steps WHERE run = ? AND attempt = ? AND step = ?',
  )
  const cache = new Map<string, { epoch: number; wallMs: number }>()
  return (attempt: number, step: number): { epoch: number; wallMs: number } => {
    const key = `${attempt}/${step}`
    const known = cache.get(key) ?? (find.get(run, attempt, step) as { epoch: number; wallMs: number })
    cache.set(key, known)
    return known
  }
}

/** The first step of an attempt that a later attempt did again; null when none did. */
function orphans(database: Database): (run: number, attempt: number) => number | null {
  const least = database
    .prepare('SELECT min(from_step) FROM attempts WHERE run = ? AND number > ? AND from_step IS NOT NULL')
    .pluck()
  return (run, attempt) => {
    const fromStep = least.get(run, attempt) as number | null
    return fromStep === null ? null : fromStep + 1
  }
}
