/** Ranges of axes: round ends, room around the data, and a range that a few outliers cannot stretch. */
import type { Point } from './smoothing.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

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
  const seen: number[] = []
  for (const points of lines) {
    for (const [x, y] of points) {
      if (x >= from && x <= to && Number.isFinite(y) && (!options.isLog || y > 0)) seen.push(y)
    }
  }
  if (seen.length === 0) return null
  if (options.isRobust && seen.length > 20) return robustRange(seen)
  let min = Infinity
  let max = -Infinity
  for (const y of seen) {
    if (y < min) min = y
    if (y > max) max = y
  }
  return { min, max }
}

/** The whole extent of the lines on the x axis; null when they are empty. */
export function extent(lines: readonly (readonly Point[])[]): Range | null {
  let min = Infinity
  let max = -Infinity
  for (const points of lines) {
    for (const [x] of points) {
      if (x < min) min = x
      if (x > max) max = x
    }
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
function roundStep(step: number): number {
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
