/** The point of a line that is nearest to a place on the x axis. */
import type { Point } from './smoothing.ts'

/** @param points in rising order of x. */
export function nearestPoint(points: readonly Point[], x: number): Point | null {
  let low = 0
  let high = points.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? 0) < x) low = middle
    else high = middle
  }
  const [a, b] = [points[low], points[high]]
  if (!a || !b) return null
  return Math.abs(a[0] - x) <= Math.abs(b[0] - x) ? a : b
}
