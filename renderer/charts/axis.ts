/** Labels and ticks of the x axes. */
import { big, count, value } from '../format/numbers.ts'
import type { XAxis } from './curves.ts'
import type { Range } from './scale.ts'

export const xAxes: readonly { readonly value: XAxis; readonly label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
]

const timeSteps = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
]

export function formatTick(axis: XAxis, x: number): string {
  if (axis === 'time') return timeLabel(x)
  if (axis === 'rate') return rateLabel(x)
  if (axis === 'epoch') return value(x)
  return Math.abs(x) >= 10_000 ? big(x) : value(x)
}

/** `step 1,200`, `epoch 3.25`, `1:02:05`. */
export function formatPlace(axis: XAxis, x: number): string {
  if (axis === 'time') return timeLabel(x)
  if (axis === 'rate') return `rate ${rateLabel(x)}`
  return axis === 'epoch' ? `epoch ${x.toFixed(2)}` : `step ${count(x)}`
}

/** Round distances in seconds, minutes, hours, days; other axes choose for themselves. */
export function tickInterval(axis: XAxis, range: Range): number | null {
  if (axis !== 'time') return null
  const wanted = (range.max - range.min) / 6
  return timeSteps.find(step => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400
}

function rateLabel(logarithm: number): string {
  return (10 ** logarithm).toExponential(0)
}

function timeLabel(seconds: number): string {
  const whole = Math.round(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}
