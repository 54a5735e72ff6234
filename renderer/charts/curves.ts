/**
 * Curves as the page keeps them: columns per series and attempt, to which live points are added in place, and the
 * lines that a chart draws from them.
 */
import type { Curve, SmoothingState, StepPoint } from '../../core/contract/index.ts'
import { smooth, type Point } from './smoothing.ts'

/** `time`: seconds of training. `wall`: milliseconds since 1970. `rate`: the decimal logarithm of a learning rate. */
export type XAxis = 'step' | 'epoch' | 'time' | 'wall' | 'rate'

/** One series of one attempt. `min`, `max` and `last` of a bucket are equal where it holds one point. */
export interface CurveColumns {
  readonly key: string
  readonly attempt: number
  readonly step: number[]
  readonly epoch: number[]
  readonly wallMs: number[]
  readonly min: (number | null)[]
  readonly max: (number | null)[]
  readonly last: (number | null)[]
  readonly nonFinite: { step: number; value: string }[]
  orphanedFromStep: number | null
  /** The moving average over every recorded point, as the host worked it out; null where it did not. */
  readonly smooth: (number | null)[] | null
  /** What the average goes on from with live points. */
  carry: SmoothingState | null
}

/** What a chart draws of one series. */
export interface Lines {
  /** The kept points, smoothed. */
  readonly main: Point[]
  /** The kept points as they were recorded. */
  readonly exact: Point[]
  /** Every bucket's extremes, so that no spike is lost; empty when it would equal `main`. */
  readonly raw: Point[]
  /** What later attempts replaced. */
  readonly orphans: Point[][]
}

export function columnsOf(curve: Curve): CurveColumns {
  return {
    key: curve.name.includes('/') ? curve.name : `${curve.split}/${curve.name}`,
    attempt: curve.attempt,
    step: [...curve.step],
    epoch: [...curve.epoch],
    wallMs: [...curve.wallMs],
    min: [...curve.min],
    max: [...curve.max],
    last: [...curve.last],
    nonFinite: curve.nonFinite.map(({ step, value }) => ({ step, value: String(value) })),
    orphanedFromStep: curve.orphanedFromStep,
    smooth: curve.smooth ? [...curve.smooth] : null,
    carry: curve.carry ?? null,
  }
}

/**
 * Adds live points to the curves of an attempt, making curves as needed. Points that are there already are left out.
 * @param weight of the moving averages that go on.
 * @param wants keys to keep; all when left out.
 * @returns how many values were added.
 */
export function appendPoints(
  curves: CurveColumns[],
  attempt: number,
  points: readonly StepPoint[],
  weight = 0,
  wants: (key: string) => boolean = () => true,
): number {
  let added = 0
  const own = new Map(curves.filter(each => each.attempt === attempt).map(curve => [curve.key, curve]))
  for (const point of points) {
    for (const [key, value] of Object.entries(point.values)) {
      if (!wants(key)) continue
      let curve = own.get(key)
      if (!curve) {
        curves.push((curve = emptyColumns(key, attempt)))
        own.set(key, curve)
      }
      if (point.step <= (curve.step.at(-1) ?? -Infinity)) continue
      if (point.step <= (curve.nonFinite.at(-1)?.step ?? -Infinity)) continue
      if (typeof value === 'string') curve.nonFinite.push({ step: point.step, value })
      else appendOne(curve, point, value, weight)
      added++
    }
  }
  return added
}

/** Time of training in seconds at a moment of an attempt: pauses between attempts do not count. */
export type TrainingClock = (attempt: number, wallMs: number) => number

export function trainingClock(curves: readonly CurveColumns[]): TrainingClock {
  const spans = new Map<number, { from: number; to: number }>()
  for (const curve of curves) {
    const kept = keptLength(curve)
    if (curve.step.length === 0) continue
    const from = curve.wallMs[0] ?? 0
    const to = curve.wallMs[Math.max(0, kept - 1)] ?? from
    const span = spans.get(curve.attempt)
    spans.set(
      curve.attempt,
      span ? { from: Math.min(span.from, from), to: Math.max(span.to, to) } : { from, to },
    )
  }
  const offsets = new Map<number, number>()
  let elapsed = 0
  for (const [attempt, span] of [...spans].sort(([a], [b]) => a - b)) {
    offsets.set(attempt, elapsed - span.from)
    elapsed += span.to - span.from
  }
  return (attempt, wallMs) => (wallMs + (offsets.get(attempt) ?? 0)) / 1000
}

/** The lines of one series over all attempts. @param weight of the smoothing per step of the densest series, 0 to 0.999. */
export function linesOf(
  curves: readonly CurveColumns[],
  key: string,
  axis: XAxis,
  clock: TrainingClock,
  weight: number,
): Lines {
  const own = curves.filter(curve => curve.key === key).sort((a, b) => a.attempt - b.attempt)
  const kept: Point[] = []
  const averaged: Point[] = []
  const steps: number[] = []
  const raw: Point[] = []
  const orphans: Point[][] = []
  for (const curve of own) {
    const end = keptLength(curve)
    for (let index = 0; index < end; index++) {
      const x = xOf(curve, index, axis, clock)
      const last = curve.last[index]
      if (last !== null && last !== undefined) {
        kept.push([x, last])
        steps.push(curve.step[index] ?? 0)
      }
      const average = curve.smooth?.[index]
      if (average !== null && average !== undefined) averaged.push([x, average])
      pushExtremes(raw, x, curve.min[index] ?? null, curve.max[index] ?? null)
    }
    if (end < curve.step.length) orphans.push(orphanLine(curve, end, axis, clock))
  }
  const isSame = weight <= 0 && raw.length === kept.length
  return { main: mainLine(), exact: kept, raw: isSame ? [] : raw, orphans }

  /** The host's averages of every point, or, until they are there, averages of what is shown. */
  function mainLine(): Point[] {
    if (weight <= 0) return kept
    if (own.every(curve => curve.smooth !== null)) return averaged
    const unit = densestGap(curves)
    const places = steps.map(step => step / unit)
    return smooth(kept, weight, places)
  }
}

/** Mean number of steps from one point to the next, in the training series that has most points for its length. */
export function densestGap(curves: readonly CurveColumns[]): number {
  const totals = new Map<string, { steps: number; gaps: number }>()
  for (const { key, step } of curves) {
    if (!key.startsWith('train/') || step.length < 2) continue
    const total = totals.get(key) ?? { steps: 0, gaps: 0 }
    total.steps += (step.at(-1) ?? 0) - (step[0] ?? 0)
    total.gaps += step.length - 1
    totals.set(key, total)
  }
  const means = [...totals.values()].map(({ steps, gaps }) => steps / gaps)
  return means.length === 0 ? 1 : Math.max(1, Math.min(...means))
}

/** Steps that lie between two places on an axis; null when none do. */
export function stepRange(
  curves: readonly CurveColumns[],
  axis: XAxis,
  clock: TrainingClock,
  from: number,
  to: number,
): { readonly from: number; readonly to: number } | null {
  let first = Infinity
  let last = -Infinity
  for (const curve of curves) {
    for (let index = 0; index < curve.step.length; index++) {
      // One bucket more on each side, so that lines run to the edges of the chart.
      const before = xOf(curve, Math.max(index - 1, 0), axis, clock)
      const after = xOf(curve, Math.min(index + 1, curve.step.length - 1), axis, clock)
      if (after < from || before > to) continue
      const step = curve.step[index] ?? 0
      first = Math.min(first, step)
      last = Math.max(last, step)
    }
  }
  return first <= last ? { from: first, to: last } : null
}

export function xOf(curve: CurveColumns, index: number, axis: XAxis, clock: TrainingClock): number {
  if (axis === 'epoch') return curve.epoch[index] ?? 0
  if (axis === 'time') return clock(curve.attempt, curve.wallMs[index] ?? 0)
  if (axis === 'wall') return curve.wallMs[index] ?? 0
  return curve.step[index] ?? 0
}

/** How many buckets no later attempt replaced. */
function keptLength(curve: CurveColumns): number {
  if (curve.orphanedFromStep === null) return curve.step.length
  const orphaned = curve.orphanedFromStep
  const index = curve.step.findIndex(step => step >= orphaned)
  return index === -1 ? curve.step.length : index
}

function orphanLine(curve: CurveColumns, from: number, axis: XAxis, clock: TrainingClock): Point[] {
  const line: Point[] = []
  for (let index = Math.max(0, from - 1); index < curve.step.length; index++) {
    const last = curve.last[index]
    if (last !== null && last !== undefined) line.push([xOf(curve, index, axis, clock), last])
  }
  return line
}

function pushExtremes(raw: Point[], x: number, min: number | null, max: number | null): void {
  if (min !== null) raw.push([x, min])
  if (max !== null && max !== min) raw.push([x, max])
}

function appendOne(curve: CurveColumns, point: StepPoint, value: number, weight: number): void {
  if (curve.smooth) {
    if (curve.carry) curve.carry = carriedOn(curve.carry, point.step, value, weight)
    curve.smooth.push(curve.carry && curve.carry.total > 0 ? curve.carry.average / curve.carry.total : null)
  }
  curve.step.push(point.step)
  curve.epoch.push(point.epoch)
  curve.wallMs.push(point.wallMs)
  curve.min.push(value)
  curve.max.push(value)
  curve.last.push(value)
}

function carriedOn(state: SmoothingState, step: number, value: number, weight: number): SmoothingState {
  const kept = state.step === null ? 0 : weight ** (Math.max(0, step - state.step) / state.unit)
  return {
    average: kept * state.average + (1 - weight) * value,
    total: kept * state.total + (1 - weight),
    step,
    unit: state.unit,
  }
}

function emptyColumns(key: string, attempt: number): CurveColumns {
  const columns = { step: [], epoch: [], wallMs: [], min: [], max: [], last: [], nonFinite: [] }
  return { key, attempt, ...columns, orphanedFromStep: null, smooth: null, carry: null }
}

/** Curves with the part that was read in detail in the place of what they say there. @param toStep where that part ends. */
export function withDetail(
  overview: readonly CurveColumns[],
  detail: readonly CurveColumns[],
  toStep: number,
): CurveColumns[] {
  return overview.map(curve => {
    const fine = detail.find(each => each.key === curve.key && each.attempt === curve.attempt)
    const first = fine?.step[0]
    if (!fine || first === undefined) return curve
    const start = lowerBound(curve.step, first)
    const end = lowerBound(curve.step, toStep + 1)
    const joined = <T>(coarse: readonly T[], part: readonly T[]): T[] => [
      ...coarse.slice(0, start),
      ...part,
      ...coarse.slice(Math.max(start, end)),
    ]
    return {
      ...curve,
      step: joined(curve.step, fine.step),
      epoch: joined(curve.epoch, fine.epoch),
      wallMs: joined(curve.wallMs, fine.wallMs),
      min: joined(curve.min, fine.min),
      max: joined(curve.max, fine.max),
      last: joined(curve.last, fine.last),
      smooth: curve.smooth && fine.smooth ? joined(curve.smooth, fine.smooth) : null,
    }
  })
}

/** Index of the first value that is not below another. */
function lowerBound(values: readonly number[], least: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
