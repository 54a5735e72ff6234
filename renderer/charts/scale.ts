/** Ranges of axes: round ends, room around the data, and a range that a few outliers cannot stretch. */
import type { Point } from './smoothing.ts'
import { firstFrom } from './thin.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

const mostSampled = 20_000

/**
 * The range of the values that lie between two places on the x axis.
 * @param isRobust leaves out the outermost 2 per cent on each side.
 * @returns null when there is nothing finite to show.
 */
export function valueRange(
  lines: readonly (readonly Point[])[],
  from: number,
  to: number,
  options: { readonly isLog?: boolean; readonly isRobust?: boolean } = {},
): Range | null {
  const isSeen = (y: number): boolean => Number.isFinite(y) && (!options.isLog || y > 0)
  const parts = lines.map(points => ({ points, from: firstFrom(points, from), end: endOf(points, to) }))
  const count = parts.reduce((sum, part) => sum + Math.max(0, part.end - part.from), 0)
  // Shares of many values are found as well from every so-manieth of them.
  const every = options.isRobust && count > 20 ? Math.ceil(count / mostSampled) : 0
  if (every > 0) {
    const seen: number[] = []
    let skip = 0
    for (const part of parts) {
      let index = part.from + skip
      for (; index < part.end; index += every) {
        const y = (part.points[index] as Point)[1]
        if (isSeen(y)) seen.push(y)
      }
      skip = Math.max(0, index - part.end)
    }
    return seen.length > 0 ? robustRange(seen) : null
  }
  let min = Infinity
  let max = -Infinity
  for (const part of parts) {
    for (let index = part.from; index < part.end; index++) {
      const y = (part.points[index] as Point)[1]
      if (!isSeen(y)) continue
      if (y < min) min = y
      if (y > max) max = y
    }
  }
  return min <= max ? { min, max } : null
}

/** Index after the last point at or before a place. */
function endOf(points: readonly Point[], x: number): number {
  let end = firstFrom(points, x)
  while (end < points.length && (points[end] as Point)[0] <= x) end++
  return end
}

/** The whole extent of lines, each in rising order of x; null when they are empty. */
export function extent(lines: readonly (readonly Point[])[]): Range | null {
  let min = Infinity
  let max = -Infinity
  for (const points of lines) {
    const first = points[0]
    const last = points.at(-1)
    if (first && first[0] < min) min = first[0]
    if (last && last[0] > max) max = last[0]
  }
  return min <= max ? { min, max } : null
}

/**
 * Widens a range to round numbers a round step apart, but not below zero what is never negative, nor above `most`.
 */
export function roundRange(range: Range, most = Infinity, steps = 5): Range & { readonly interval: number } {
  const span = range.max - range.min || Math.abs(range.max) * 0.2 || 1
  const padded = range.max > range.min ? range : { min: range.min - span / 2, max: range.max + span / 2 }
  const interval = roundStep(span / steps)
  const room = (padded.max - padded.min) * 0.04
  let min = Math.floor((padded.min - room) / interval) * interval
  let max = Math.ceil((padded.max + room) / interval) * interval
  if (range.max <= most && max > most) max = most
  if (range.min >= 0 && min < 0) min = 0
  return { min: tidy(min), max: tidy(max), interval: tidy(interval) }
}

/** Room around a range of a logarithmic axis. */
export function logRange(range: Range): Range {
  const ratio = Math.max(1.05, (range.max / range.min) ** 0.05)
  return { min: range.min / ratio, max: range.max * ratio }
}

/** The smallest of 1, 2, 5 × a power of ten that is at least the given step. */
export function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 5, 10].find(each => each * power >= step * (1 - 1e-9)) ?? 10
  return factor * power
}

function robustRange(values: number[]): Range {
  const sorted = Float64Array.from(values).sort()
  const at = (fraction: number): number => sorted[Math.round((sorted.length - 1) * fraction)] ?? 0
  return { min: at(0.02), max: at(0.98) }
}

function tidy(value: number): number {
  return Number(value.toPrecision(12))
}
