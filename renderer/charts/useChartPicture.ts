/** From lines and what is to be seen of them to the picture that is drawn. */
import { computed, type ComputedRef } from 'vue'
import { formatTick, xTicks } from './axis.ts'
import type { ChartLine } from './chartLine.ts'
import type { XAxis } from './curves.ts'
import type { Picture } from './paint.ts'
import { planeOf, type Scale } from './plane.ts'
import { extent, logRange, roundRange, valueRange, type Range } from './scale.ts'
import { stacked } from './stack.ts'
import type { ChartColors } from './theme.ts'
import { linearTicks, logTicks } from './ticks.ts'

export interface ChartView {
  readonly lines: readonly ChartLine[]
  readonly axis: XAxis
  readonly zoom: Range | null
  readonly isLog: boolean
  readonly isLogX: boolean
  readonly isRobust: boolean
  readonly isStacked: boolean
  readonly most: number
  readonly format: (value: number) => string
  readonly colors: ChartColors
}

export interface ChartPicture {
  /** The lines as they are drawn. */
  readonly lines: ComputedRef<readonly ChartLine[]>
  readonly whole: ComputedRef<Range>
  readonly shown: ComputedRef<Scale>
  readonly isEmpty: ComputedRef<boolean>
  readonly picture: ComputedRef<(widthPx: number, heightPx: number) => Picture>
}

export function useChartPicture(view: () => ChartView): ChartPicture {
  const lines = computed(() => (view().isStacked ? stacked(view().lines) : view().lines))
  const all = computed(() =>
    lines.value.flatMap(line => [line.points, line.raw ?? [], ...(line.orphans ?? []), ...edges(line)]),
  )
  const whole = computed<Range>(() => {
    const found = extent(all.value) ?? { min: 0, max: 1 }
    // A single point stands in the middle, where it is seen whole.
    return found.max > found.min ? found : { min: found.min - 1, max: found.max + 1 }
  })
  const shown = computed<Scale>(() => {
    const { min, max } = view().zoom ?? whole.value
    if (!view().isLogX || max <= 0) return { min, max, isLog: false }
    // Step 0 has no logarithm: such an axis begins where the first value above it may be.
    return { min: min > 0 ? min : leastPositive(all.value, max), max, isLog: true }
  })
  const found = computed(() => {
    const { isLog, isRobust } = view()
    return valueRange(all.value, shown.value.min, shown.value.max, { isLog, isRobust })
  })
  const y = computed<Scale & { readonly interval?: number }>(() => {
    const { isLog, isStacked, most } = view()
    if (found.value === null) return { min: 0, max: 1, isLog: false }
    // A band may reach beyond what is possible; the axis does not.
    const { min, max } = found.value
    const possible = max > most && min < most ? { min, max: most } : found.value
    if (isLog) return { ...logRange(possible), isLog: true }
    return { ...roundRange(isStacked ? { ...possible, min: 0 } : possible, most), isLog: false }
  })
  const picture = computed(() => {
    const { axis, format, isStacked, colors } = view()
    const [isEmpty, xScale, yScale, drawn] = [found.value === null, shown.value, y.value, lines.value]
    return (widthPx: number, heightPx: number): Picture => {
      const plane = planeOf(widthPx, heightPx, xScale, yScale)
      const across = Math.max(2, Math.floor(plane.width / (axis === 'wall' ? 95 : 80)))
      const xs = isEmpty ? [] : xTicks(axis, xScale, xScale.isLog, across)
      const ys = isEmpty ? [] : yScale.isLog ? logTicks(yScale, 5) : linearTicks(yScale, 5, yScale.interval)
      return {
        lines: drawn,
        plane,
        xTicks: xs.map(at => ({ at, label: formatTick(axis, at, xScale) })),
        yTicks: ys.map(at => ({ at, label: format(at) })),
        isStacked,
        colors,
      }
    }
  })
  return { lines, whole, shown, isEmpty: computed(() => found.value === null), picture }
}

function edges({ band }: ChartLine): (readonly [number, number])[][] {
  if (!band) return []
  return [band.map(([x, low]) => [x, low] as const), band.map(([x, , high]) => [x, high] as const)]
}

function leastPositive(lines: readonly (readonly (readonly [number, number])[])[], max: number): number {
  let least = max / 1e6
  let found = Infinity
  for (const points of lines) {
    const first = points.find(([x]) => x > 0)
    if (first && first[0] < found) found = first[0]
  }
  if (found < max) least = found
  return least
}
