/** The ECharts option of a line chart. Axes are computed here, so that a chart never rescales behind the pointer. */
import { logRange, roundRange, type Range } from './scale.ts'
import type { Point } from './smoothing.ts'
import type { ChartColors } from './theme.ts'

/** One line with its faint raw values. */
export interface ChartLine {
  readonly id: string
  readonly label: string
  readonly color: string
  readonly points: readonly Point[]
  /** The values as recorded, for legend and table; `points` where they are not smoothed. */
  readonly exact?: readonly Point[]
  /** Tells lines of the same label apart. */
  readonly detail?: string
  readonly raw?: readonly Point[]
  readonly orphans?: readonly (readonly Point[])[]
  readonly isDashed?: boolean
}

export interface LineChartFrame {
  readonly x: Range
  readonly y: Range
  readonly isLog: boolean
  /** There is nothing to measure: no labels. */
  readonly isEmpty: boolean
  readonly formatX: (x: number) => string
  readonly formatY: (y: number) => string
  /** Distance of x ticks; null lets ECharts choose. */
  readonly xInterval: number | null
  /** No value is above it, such as 1 for a share. */
  readonly yMost: number
}

/** Pixels between the edge of the chart and its plot. */
export const plotMargin = { left: 58, right: 16, top: 10, bottom: 26 } as const

export function lineOption(
  lines: readonly ChartLine[],
  frame: LineChartFrame,
  colors: ChartColors,
): Record<string, unknown> {
  const y = frame.isLog ? logRange(frame.y) : roundRange(frame.y, frame.yMost)
  const label = { color: colors.axis, fontSize: 11, show: !frame.isEmpty }
  return {
    animation: false,
    grid: { ...plotMargin, outerBoundsMode: 'none' },
    xAxis: {
      type: 'value',
      min: frame.x.min,
      max: frame.x.max,
      ...(frame.xInterval === null ? { splitNumber: 6 } : { interval: frame.xInterval }),
      axisLine: { lineStyle: { color: colors.grid } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...label,
        formatter: (x: number) => frame.formatX(x),
        showMaxLabel: false,
        hideOverlap: true,
      },
    },
    yAxis: {
      type: frame.isLog ? 'log' : 'value',
      min: y.min,
      max: y.max,
      ...('interval' in y ? { interval: y.interval } : {}),
      axisLabel: {
        ...label,
        formatter: (y: number) => frame.formatY(y),
        ...(frame.isLog ? { showMinLabel: false, showMaxLabel: false } : {}),
      },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: !frame.isEmpty, lineStyle: { color: colors.grid } },
    },
    series: lines.flatMap(line => seriesOf(line, frame.isLog, colors)),
  }
}

function seriesOf(line: ChartLine, isLog: boolean, colors: ChartColors): object[] {
  const shared = {
    type: 'line',
    silent: true,
    symbol: 'none',
    lineStyle: { width: 1.6 },
    emphasis: { disabled: true },
  }
  const drawable = (points: readonly Point[]): readonly Point[] =>
    isLog ? points.filter(([, y]) => y > 0) : points
  const made: object[] = []
  for (const orphan of line.orphans ?? []) {
    made.push({
      ...shared,
      data: drawable(orphan),
      lineStyle: { width: 1.4, color: colors.orphan, type: 'dashed' },
      z: 3,
    })
  }
  if (line.raw && line.raw.length > 0) {
    made.push({
      ...shared,
      data: drawable(line.raw),
      lineStyle: { width: 1, color: line.color, opacity: 0.28 },
      z: 2,
    })
  }
  const style = { width: 1.8, color: line.color, ...(line.isDashed ? { type: 'dashed' } : {}) }
  // Few points (validation once an epoch) get marks, or a single one would not be seen at all.
  const marks =
    line.points.length <= 40
      ? { symbol: 'circle', symbolSize: 5, showAllSymbol: true, itemStyle: { color: line.color } }
      : {}
  made.push({ ...shared, ...marks, data: drawable(line.points), lineStyle: style, z: 4 })
  return made
}
