/** Axes of parallel coordinates: where on its axis each value of a field stands, and what a stretch of it means. */
import type { ColumnValue, RunSummary } from '../../../../core/contract/index.ts'
import { fieldOf, fieldText, valueIn, type Columns } from '../fields.ts'

export interface Axis {
  readonly name: string
  /** Values of each run; numbers, or words on an axis of words. */
  readonly values: readonly (number | string | null)[]
  /** Null where values are numbers: else the words, in their order from bottom to top. */
  readonly words: readonly string[] | null
  readonly isLog: boolean
  readonly min: number
  readonly max: number
  /** Place of each run from 0 at the bottom to 1; NaN where it has no value. */
  readonly places: Float64Array
}

/** A stretch of an axis, from 0 to 1. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** More different words than so many are not an axis that one can read. */
const mostWords = 24
/** Positive values whose largest is so many times the smallest stand on a logarithmic axis. */
const logFrom = 30
const mostMarks = 7
/** Marks nearer to each other than so much of the axis would be printed over each other. */
const leastGap = 0.065

export function axisOf(name: string, runs: readonly RunSummary[], columns: Columns): Axis {
  const field = fieldOf(name)
  const values = runs.map(run => plain(valueIn(columns, field, run)))
  const words = values.some(value => typeof value === 'string') ? wordsOf(values) : null
  if (words) {
    const place = new Map(
      words.map((word, index) => [word, words.length > 1 ? index / (words.length - 1) : 0.5]),
    )
    const places = Float64Array.from(values, value =>
      value === null ? NaN : (place.get(String(value)) ?? NaN),
    )
    return { name, values, words, isLog: false, min: 0, max: words.length - 1, places }
  }
  const numbers = values.filter(value => typeof value === 'number')
  const [min, max] = extent(numbers)
  const isLog = min > 0 && max / min >= logFrom
  const scale = isLog ? Math.log : (value: number) => value
  const [low, high] = [scale(min), scale(max)]
  const places = Float64Array.from(values, value =>
    typeof value !== 'number' ? NaN : high > low ? (scale(value) - low) / (high - low) : 0.5,
  )
  return { name, values, words: null, isLog, min, max, places }
}

/** The number at a place of an axis of numbers, rounded so that it can be read. */
export function valueAt({ min, max, isLog }: Axis, place: number): number {
  const exact = isLog ? min * (max / min) ** place : min + (max - min) * place
  return Number(exact.toPrecision(4))
}

export interface Tick {
  readonly place: number
  readonly text: string
}

/** Marks of an axis with their texts, bottom first, as far apart as it takes to read them; both ends stay. */
export function ticksOf(axis: Axis): Tick[] {
  const ticks = allTicks(axis).sort((a, b) => a.place - b.place)
  const last = ticks.at(-1)
  const kept: Tick[] = []
  for (const tick of ticks) {
    const isClear = tick.place - (kept.at(-1)?.place ?? -1) >= leastGap
    if (tick === last || (isClear && last!.place - tick.place >= leastGap)) kept.push(tick)
  }
  return kept
}

function allTicks(axis: Axis): Tick[] {
  if (axis.words) {
    const { words } = axis
    return words.map((text, index) => ({ place: words.length > 1 ? index / (words.length - 1) : 0.5, text }))
  }
  const field = fieldOf(axis.name)
  if (!(axis.max > axis.min)) return [{ place: 0.5, text: fieldText(field, axis.min) }]
  const places = new Map<number, number>()
  for (let index = 0; index < axis.values.length && places.size <= mostMarks; index++) {
    const value = axis.values[index]
    if (typeof value === 'number') places.set(value, axis.places[index]!)
  }
  // A few values, such as batch sizes: each has its mark.
  if (places.size <= mostMarks)
    return [...places].map(([value, place]) => ({ place, text: fieldText(field, value) }))
  return [0, 0.25, 0.5, 0.75, 1].map(place => ({ place, text: fieldText(field, valueAt(axis, place)) }))
}

/** Which runs, by their place in the list, stand within a stretch. */
export function isWithin(axis: Axis, index: number, { from, to }: Stretch): boolean {
  const place = axis.places[index]!
  return place >= from && place <= to
}

/** The same stretch as a query. */
export function queryOf(axis: Axis, { from, to }: Stretch): string {
  if (axis.words) {
    const { words } = axis
    const inside = words.filter((_, index) => {
      const place = words.length > 1 ? index / (words.length - 1) : 0.5
      return place >= from && place <= to
    })
    const list = inside.map(word => `"${word.replaceAll(/["\\]/g, '\\$&')}"`).join(', ')
    return inside.length === 0 ? `${axis.name} = none` : `${axis.name} in (${list})`
  }
  const parts = [
    ...(from > 0 ? [`${axis.name} >= ${valueAt(axis, from)}`] : []),
    ...(to < 1 ? [`${axis.name} <= ${valueAt(axis, to)}`] : []),
  ]
  return parts.length === 0 ? `${axis.name} != none` : parts.join(' and ')
}

function plain(value: ColumnValue | readonly string[]): number | string | null {
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(', ')
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return value as string | null
}

/** The commonest words, numbers among them in their order; those beyond have no place. */
function wordsOf(values: readonly (number | string | null)[]): string[] {
  const counts = new Map<string, number>()
  for (const value of values)
    if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const commonest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, mostWords)
  return commonest.map(([word]) => word).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

function extent(numbers: readonly number[]): [number, number] {
  let [min, max] = [Infinity, -Infinity]
  for (const each of numbers) {
    if (each < min) min = each
    if (each > max) max = each
  }
  return min <= max ? [min, max] : [0, 0]
}

/**
 * Whether a setting makes an axis of its own: the network stands there as “model” already, and which step of a list of transforms stands
 * where is none.
 */
export function isAxisPath(path: string): boolean {
  return path !== 'model.name' && !/\.\d+\.(name|version)$/.test(path)
}

/** Whether a column holds lists, such as the mean of each channel: they have no order to stand in. */
export function isOfLists(values: Iterable<ColumnValue>): boolean {
  for (const value of values) if (typeof value === 'string' && /^\[.*\]$/s.test(value)) return true
  return false
}
