/** Lines laid upon each other: each begins where the one below it ends. */
import type { ChartLine } from './chartLine.ts'
import type { Point } from './smoothing.ts'

/** Lines in the order from below; where one has no value its last one counts. `exact` stays what was recorded. */
export function stacked(lines: readonly ChartLine[]): ChartLine[] {
  const places = [...new Set(lines.flatMap(line => line.points.map(([x]) => x)))].sort((a, b) => a - b)
  let ground = places.map(() => 0)
  return lines.map(line => {
    let at = 0
    let last = 0
    const points = places.map((x, index): Point => {
      while (at < line.points.length && (line.points[at] as Point)[0] <= x)
        last = (line.points[at++] as Point)[1]
      return [x, (ground[index] ?? 0) + last]
    })
    ground = points.map(([, y]) => y)
    return { ...line, points, raw: [], orphans: [], exact: line.exact ?? line.points }
  })
}
