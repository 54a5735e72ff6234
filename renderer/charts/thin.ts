/** As much of a line as a screen can show: of each column of pixels the first, the least, the greatest and the last value. */
import { xPx, yPx, type Plane } from './plane.ts'
import type { Point } from './smoothing.ts'

/** Pixels, x and y by turns. */
export type Path = number[]

/**
 * The part of a line within the plot and one point beyond on either side, in pixels. Whatever rises above its neighbours is kept.
 * @param points in rising order of x.
 */
export function pathOf(points: readonly Point[], plane: Plane): Path {
  const path: Path = []
  const first = Math.max(0, firstFrom(points, plane.x.min) - 1)
  let column = NaN
  let held = 0
  let lastX = 0
  let lastY = 0
  let low = 0
  let lowX = 0
  let high = 0
  let highX = 0
  const { left, width, x: xScale } = plane
  const span = xScale.isLog ? 0 : width / (xScale.max - xScale.min)
  // What a column holds beyond its first point: the extremes in their order, then the last.
  const flush = (): void => {
    if (held > 1) {
      const [a, b] = lowX <= highX ? [low, high] : [high, low]
      if (held > 2) path.push(Math.min(lowX, highX), a, Math.max(lowX, highX), b)
      path.push(lastX, lastY)
    }
    held = 0
  }
  for (let index = first; index < points.length; index++) {
    const [xValue, yValue] = points[index] as Point
    const x = span === 0 ? xPx(plane, xValue) : left + (xValue - xScale.min) * span
    const y = yPx(plane, yValue)
    const own = Math.floor(x)
    if (own !== column) {
      flush()
      column = own
      path.push(x, y)
      low = high = y
      lowX = highX = x
    } else if (y < low) {
      low = y
      lowX = x
    } else if (y > high) {
      high = y
      highX = x
    }
    held++
    lastX = x
    lastY = y
    if (xValue > xScale.max) break
  }
  flush()
  return path
}

/** Index of the first point at or after a place. */
export function firstFrom(points: readonly { readonly 0: number }[], x: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? 0) < x) low = middle + 1
    else high = middle
  }
  return low
}
