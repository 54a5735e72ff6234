/** Places of ticks on an axis. */
import { roundStep, type Range } from './scale.ts'

/** Multiples of a round step, or of the step that is given. */
export function linearTicks(range: Range, wanted: number, step?: number): number[] {
  const each = step ?? roundStep((range.max - range.min) / wanted)
  if (!(each > 0) || !Number.isFinite(each)) return []
  const first = Math.ceil(range.min / each - 1e-9)
  const last = Math.floor(range.max / each + 1e-9)
  return Array.from({ length: Math.max(0, Math.min(200, last - first + 1)) }, (_, index) =>
    Number(((first + index) * each).toPrecision(15)),
  )
}

/** Powers of ten; with 2 and 5 of each where there are few, and round steps where there is less than one decade. */
export function logTicks(range: Range, wanted = 6): number[] {
  const low = Math.log10(range.min)
  const high = Math.log10(range.max)
  if (high - low < 0.7) return linearTicks(range, Math.min(wanted, 4))
  const every = Math.max(1, Math.ceil((high - low) / wanted))
  const factors = high - low <= 3 ? [1, 2, 5] : [1]
  const ticks: number[] = []
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    if (power % every !== 0) continue
    for (const factor of factors) {
      const tick = factor * 10 ** power
      if (tick >= range.min * (1 - 1e-9) && tick <= range.max * (1 + 1e-9)) ticks.push(tick)
    }
  }
  return ticks
}

const dayMs = 86_400_000

const subseconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
const clockSteps = [
  ...subseconds,
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800],
].map(seconds => seconds * 1000)

/** Round moments of the reader's clock; all in milliseconds since 1970. @param offsetMinutes of the time zone, as Date gives it. */
export function clockTicks(range: Range, wanted: number, offsetMinutes: number): number[] {
  const offset = offsetMinutes * 60_000
  const local = { min: range.min - offset, max: range.max - offset }
  return steppedTicks(local, wanted, clockSteps, dayMs).map(tick => tick + offset)
}

const timeSteps = [
  ...subseconds,
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400],
]

/** Round distances in seconds, minutes, hours, days. */
export function timeTicks(range: Range, wanted: number): number[] {
  return steppedTicks(range, wanted, timeSteps, dayMs / 1000)
}

/** The roundest steps that give about as many ticks as are wanted, and finer ones where that would be fewer than two. */
function steppedTicks(range: Range, wanted: number, steps: readonly number[], day: number): number[] {
  const least = (range.max - range.min) / wanted
  const finer = steps.filter(each => each < least).reverse()
  const round = steps[finer.length] ?? Math.ceil(least / day) * day
  // The label of a tick at the very end has no room.
  const end = range.max - (range.max - range.min) / 20
  for (const step of [round, ...finer]) {
    const ticks = linearTicks(range, wanted, step)
    if (ticks.filter(tick => tick <= end).length >= 2) return ticks
  }
  return []
}
