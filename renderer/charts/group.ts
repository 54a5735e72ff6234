/** Several runs as one line: their mean, and how far they spread around it. */
import type { Edge } from './chartLine.ts'
import type { Point } from './smoothing.ts'

export interface GroupLine {
  readonly mean: Point[]
  /** One standard deviation below and above the mean, of the runs as a sample (n - 1). */
  readonly band: Edge[]
}

/**
 * Mean and spread at evenly spaced places, with each line interpolated between its points and counted only between its first and its
 * last. Places that fewer than two lines reach have no band.
 */
export function groupLine(lines: readonly (readonly Point[])[], places = 400): GroupLine {
  const drawn = lines.filter(points => points.length > 0)
  const min = Math.min(...drawn.map(points => points[0]![0]))
  const max = Math.max(...drawn.map(points => points.at(-1)![0]))
  const mean: Point[] = []
  const band: Edge[] = []
  if (!(max >= min)) return { mean, band }
  const cursors = drawn.map(() => 0)
  const count = max > min ? places : 1
  for (let place = 0; place < count; place++) {
    const x = count === 1 ? min : min + ((max - min) * place) / (count - 1)
    const values: number[] = []
    drawn.forEach((points, line) => {
      let at = cursors[line]!
      while (at + 1 < points.length && points[at + 1]![0] <= x) at++
      cursors[line] = at
      const value = between(points, at, x)
      if (value !== null) values.push(value)
    })
    if (values.length === 0) continue
    const average = values.reduce((sum, value) => sum + value, 0) / values.length
    mean.push([x, average])
    if (values.length < 2) continue
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1)
    const deviation = Math.sqrt(variance)
    band.push([x, average - deviation, average + deviation])
  }
  return { mean, band }
}

/** The value of a line at a place at or after its `at`-th point; null outside the line. */
function between(points: readonly Point[], at: number, x: number): number | null {
  const [x0, y0] = points[at]!
  if (x < x0) return null
  const next = points[at + 1]
  // The last place may lie beyond the last point by the rounding of a sum.
  if (!next) return x <= x0 + Math.abs(x0) * 1e-12 ? y0 : null
  const [x1, y1] = next
  return x1 === x0 ? y0 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
