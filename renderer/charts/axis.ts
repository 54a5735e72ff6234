/** Labels and ticks of the x axes. */
import { big, count, value } from '../format/numbers.ts'
import { clock, moment } from '../format/times.ts'
import { t } from '../language/index.ts'
import type { XAxis } from './curves.ts'
import type { Range } from './scale.ts'
import { clockTicks, linearTicks, logTicks, timeTicks } from './ticks.ts'

/** What a run can be drawn over. */
export function xAxes(): { readonly value: XAxis; readonly label: string }[] {
  return [
    { value: 'step', label: t('Step') },
    { value: 'epoch', label: t('Epoch') },
    { value: 'time', label: t('Time') },
    { value: 'wall', label: t('Clock') },
  ]
}

/** @param range of the axis: moments of several days get their day. */
export function formatTick(axis: XAxis, x: number, range?: Range): string {
  if (axis === 'time') return timeLabel(x, range)
  if (axis === 'wall') return clockLabel(x, range)
  if (axis === 'rate') return rateLabel(x)
  if (axis === 'epoch') return value(x)
  return Math.abs(x) >= 10_000 ? big(x) : value(x)
}

/** `step 1,200`, `epoch 3.25`, `1:02:05`, `22 Nov 2026, 14:05`. */
export function formatPlace(axis: XAxis, x: number): string {
  if (axis === 'time') return timeLabel(x)
  if (axis === 'wall') return `${moment(x)}:${clock(x).slice(6)}`
  if (axis === 'rate') return t('rate {rate}', { rate: rateLabel(x) })
  return axis === 'epoch' ? t('epoch {epoch}', { epoch: x.toFixed(2) }) : t('step {step}', { step: count(x) })
}

/** The head of the x column of a table. */
export function axisName(axis: XAxis): string {
  const names: Record<XAxis, () => string> = {
    step: () => t('Step'),
    epoch: () => t('Epoch'),
    time: () => t('Time'),
    wall: () => t('Clock'),
    rate: () => t('Learning rate'),
  }
  return names[axis]()
}

/** Where the ticks of an x axis stand. @param wanted about how many. */
export function xTicks(axis: XAxis, range: Range, isLog: boolean, wanted: number): number[] {
  if (isLog) return logTicks(range, wanted)
  if (axis === 'wall') return clockTicks(range, wanted, new Date(range.min).getTimezoneOffset())
  return axis === 'time' ? timeTicks(range, wanted) : linearTicks(range, wanted)
}

function rateLabel(logarithm: number): string {
  return (10 ** logarithm).toExponential(0)
}

function timeLabel(seconds: number, range?: Range): string {
  const split = fraction(seconds, range ? range.max - range.min : Infinity)
  const whole = split === '' ? Math.round(seconds) : Math.floor(seconds + 1e-9)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  const text = shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0')))
  return text.join(':') + split
}

/** What of a second tells labels apart where a chart shows a few seconds or less: `.5`, or nothing. */
function fraction(seconds: number, spanSeconds: number): string {
  if (spanSeconds > 5) return ''
  const places = spanSeconds > 1 ? 1 : spanSeconds > 0.1 ? 2 : 3
  const part = seconds - Math.floor(seconds + 1e-9)
  return Math.max(0, part).toFixed(places).slice(1)
}

const dayMs = 86_400_000

function clockLabel(ms: number, range: Range | undefined): string {
  const span = range ? range.max - range.min : 0
  if (span > 3 * dayMs) return new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  if (span > 20 * 60_000) return clock(ms).slice(0, 5)
  return range ? `${clock(ms)}${fraction(ms / 1000, span / 1000)}` : clock(ms)
}
