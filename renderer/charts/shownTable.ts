/** What a chart shows as rows: a place, then the value of each line there as it was recorded. */
import { axisName } from './axis.ts'
import type { ChartLine } from './chartLine.ts'
import type { XAxis } from './curves.ts'

export function shownTable(lines: readonly ChartLine[], axis: XAxis): (string | number | null)[][] {
  const maps = lines.map(line => new Map(line.exact ?? line.points))
  const places = [...new Set(maps.flatMap(map => [...map.keys()]))].sort((a, b) => a - b)
  const names = lines.map(({ label, detail }) => (detail === undefined ? label : `${label} ${detail}`))
  return [[axisName(axis), ...names], ...places.map(x => [x, ...maps.map(map => map.get(x) ?? null)])]
}
