/**
 * Moving averages over every recorded point, and not over what a chart shows of them. A million points take the better part of a
 * second, so that the work comes in slices that the host does between others, and what was found is kept: a curve that has grown
 * costs what has been added.
 */
import type { Curve, SmoothingState } from '../contract/index.ts'
import type { Database } from './engine.ts'

/** Fills in `smooth` and `carry` of curves; each `next` takes some milliseconds. */
export type Smoother = (
  run: number,
  curves: readonly Curve[],
  weight: number,
) => Generator<undefined, Curve[], undefined>

/** Points between two places from which the work can go on, and in one slice. */
const sliceLength = 4096
/** Attempts of series that are remembered. */
const mostEntries = 400
const mostEnds = 20_000

type State = Omit<SmoothingState, 'unit'>

interface Stretch {
  readonly series: number
  readonly attempt: number
  readonly firstStep: number
  /** The last step that no later attempt replaced. */
  readonly lastStep: number
}

/** What is known of one attempt of one series. */
interface Entry {
  readonly start: State
  /** States after so many points each, in rising order. */
  readonly states: State[]
  /** The average before a step, for steps at which buckets began. */
  readonly before: Map<number, number>
}

/**
 * Steps that fade a curve once by the weight: the mean distance of points in the training series that has most for its length, so
 * that a series of every tenth step lags no more than one of every step.
 */
export function smoothingUnit(gaps: readonly { readonly steps: number; readonly gaps: number }[]): number {
  const means = gaps.filter(each => each.gaps > 0).map(each => each.steps / each.gaps)
  // To two digits: as points arrive it must not change with each of them.
  return means.length === 0 ? 1 : Number(Math.max(1, Math.min(...means)).toPrecision(2))
}

/** @source Kingma and Ba 2015, Adam, section 3, for the correction of the bias at the beginning. */
export function advance(state: State, step: number, value: number, weight: number, unit: number): State {
  const kept = state.step === null ? 0 : weight ** (Math.max(0, step - state.step) / unit)
  return {
    average: kept * state.average + (1 - weight) * value,
    total: kept * state.total + (1 - weight),
    step,
  }
}

export function smoother(database: Database): Smoother {
  const stretches = database.prepare(
    `SELECT a.series, a.attempt, a.first_step AS firstStep,
       min(a.last_step, coalesce((SELECT min(b.from_step) FROM attempts b WHERE b.run = s.run AND b.number > a.attempt), a.last_step))
         AS lastStep
     FROM series s JOIN series_attempts a ON a.series = s.number WHERE s.run = ? AND s.name = ? ORDER BY a.attempt`,
  )
  const densities = database.prepare(
    `SELECT sum(a.last_step - a.first_step) AS steps, sum(a.point_count - 1) AS gaps
     FROM series s JOIN series_attempts a ON a.series = s.number WHERE s.run = ? AND s.name LIKE 'train/%' GROUP BY s.number`,
  )
  const points = database
    .prepare(
      `SELECT step, value FROM points WHERE series = ? AND attempt = ? AND step > ? AND step <= ? ORDER BY step LIMIT ?`,
    )
    .raw()
  const entries = new Map<string, Entry>()

  /** What is known of a stretch, if its beginning is still the same. */
  const entryOf = (key: string, start: State): Entry => {
    const known = entries.get(key)
    entries.delete(key)
    const isSame = known && known.start.average === start.average && known.start.step === start.step
    const entry = isSame ? known : { start, states: [], before: new Map<number, number>() }
    entries.set(key, entry)
    if (entries.size > mostEntries) entries.delete(entries.keys().next().value as string)
    return entry
  }

  /** The averages before some steps and the state at the end of a stretch. */
  function* walk(
    stretch: Stretch,
    start: State,
    weight: number,
    unit: number,
    wanted: readonly number[],
  ): Generator<undefined, { readonly before: Map<number, number>; readonly end: State }, undefined> {
    const { series, attempt, lastStep } = stretch
    const entry = entryOf(`${series}/${attempt}/${weight}/${unit}`, start)
    const { states, before } = entry
    if (before.size > mostEnds) before.clear()
    const missing = wanted.find(step => step <= lastStep && !before.has(step))
    const from = missing ?? Infinity
    let state = states.findLast(each => (each.step ?? -1) < from) ?? start
    let at = missing === undefined ? wanted.length : wanted.indexOf(missing)
    for (;;) {
      const after =
        state.step !== null && state.step >= stretch.firstStep ? state.step : stretch.firstStep - 1
      const rows = points.all(series, attempt, after, lastStep, sliceLength) as [number, number | null][]
      let { average, total, step: last } = state
      for (const [step, value] of rows) {
        while (at < wanted.length && (wanted[at] as number) <= step) {
          if (total > 0) before.set(wanted[at] as number, average / total)
          at++
        }
        if (value === null) continue
        const kept = last === null ? 0 : weight ** (Math.max(0, step - last) / unit)
        average = kept * average + (1 - weight) * value
        total = kept * total + (1 - weight)
        last = step
      }
      state = { average, total, step: last }
      if (rows.length < sliceLength) return { before, end: state }
      if (last !== null && (states.at(-1)?.step ?? -1) < last) states.push(state)
      yield
    }
  }

  return function* (run, curves, weight) {
    const unit = smoothingUnit(densities.all(run) as { steps: number; gaps: number }[])
    const done: Curve[] = []
    for (const key of new Set(curves.map(keyOf))) {
      let state: State = { average: 0, total: 0, step: null }
      const own = curves.filter(curve => keyOf(curve) === key)
      const all = stretches.all(run, key) as Stretch[]
      for (const stretch of all) {
        const curve = own.find(each => each.attempt === stretch.attempt)
        const end = curve ? nextStep(curve, stretch.lastStep) : null
        const wanted = curve ? [...curve.step.slice(1), ...(end === null ? [] : [end])] : []
        const found: { before: Map<number, number>; end: State } = yield* walk(
          stretch,
          state,
          weight,
          unit,
          wanted,
        )
        state = found.end
        if (!curve) continue
        const isLast = stretch === all.at(-1)
        done.push({
          ...curve,
          smooth: curve.step.map((first, index) => {
            if (first > stretch.lastStep) return null
            const next = curve.step[index + 1] ?? end
            if (next !== null && next <= stretch.lastStep) return found.before.get(next) ?? null
            return state.total > 0 ? state.average / state.total : null
          }),
          ...(isLast ? { carry: { ...state, unit } } : {}),
        })
        yield
      }
    }
    return done
  }
}

function keyOf({ name, split }: Curve): string {
  return name.includes('/') ? name : `${split}/${name}`
}

/** The step after the curve's last bucket where more steps follow, as when it is a part of the whole; null at its end. */
function nextStep(curve: Curve, lastStep: number): number | null {
  const width = (curve.step.at(-1) ?? 0) - (curve.step.at(-2) ?? curve.step.at(-1) ?? 0)
  const next = (curve.step.at(-1) ?? 0) + Math.max(1, width)
  return next <= lastStep ? next : null
}
