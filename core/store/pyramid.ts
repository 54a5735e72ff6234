/**
 * Minimum and maximum of metric points over runs of 16, 128, 1024, ... steps, kept up to date as points arrive. A chart of a
 * million steps reads a few thousand of these rows, and no spike is lost at any zoom.
 */
import type { Database } from './engine.ts'

/** Widths of the levels in steps: powers of two, so that buckets of one level nest in those of the next. */
export const widths = [16, 128, 1024, 8192, 65536, 524288] as const

/** Some points of one series and attempt as columns, steps ascending; a value that is not finite is NaN. */
export interface Column {
  readonly steps: number[]
  readonly values: number[]
}

interface Bucket {
  readonly bucket: number
  firstStep: number
  lastStep: number
  min: number | null
  max: number | null
  last: number | null
}

/** Makes `merge`, which adds new points to every level. Must run inside the transaction that stores the points. */
export function pyramidWriter(database: Database): (series: number, attempt: number, column: Column) => void {
  const upsert = database.prepare(`
    INSERT INTO pyramid (series, attempt, width, bucket, first_step, last_step, min, max, last)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      min = min(coalesce(min, excluded.min), coalesce(excluded.min, min)),
      max = max(coalesce(max, excluded.max), coalesce(excluded.max, max)),
      last = CASE WHEN excluded.last_step >= last_step THEN excluded.last ELSE last END,
      first_step = min(first_step, excluded.first_step),
      last_step = max(last_step, excluded.last_step)`)
  return (series, attempt, column) => {
    let buckets = column.steps.map((step, index) => ofPoint(step, column.values[index] as number))
    for (const width of widths) {
      buckets = coarser(buckets, width)
      for (const b of buckets) {
        upsert.run(series, attempt, width, b.bucket, b.firstStep, b.lastStep, b.min, b.max, b.last)
      }
    }
  }
}

function ofPoint(step: number, value: number): Bucket {
  const finite = Number.isFinite(value) ? value : null
  return { bucket: step, firstStep: step, lastStep: step, min: finite, max: finite, last: finite }
}

/** Neighbours that fall into the same run of `width` steps become one. */
function coarser(buckets: readonly Bucket[], width: number): Bucket[] {
  const merged: Bucket[] = []
  for (const each of buckets) {
    const bucket = Math.floor(each.firstStep / width)
    const current = merged.at(-1)
    if (current?.bucket === bucket) absorb(current, each)
    else merged.push({ ...each, bucket })
  }
  return merged
}

/** Adds a later bucket to an earlier one. */
export function absorb(into: Omit<Bucket, 'bucket'>, later: Omit<Bucket, 'bucket'>): void {
  into.lastStep = later.lastStep
  into.last = later.last
  if (later.min !== null) into.min = into.min === null ? later.min : Math.min(into.min, later.min)
  if (later.max !== null) into.max = into.max === null ? later.max : Math.max(into.max, later.max)
}
