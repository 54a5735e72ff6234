/** Exponential smoothing of a drawn curve. */

export type Point = readonly [x: number, y: number]

/**
 * Exponential moving average that starts unbiased: early values are not drawn towards zero.
 * @param weight from 0 (none) to 0.999; non-finite values are left out and do not disturb what follows.
 * @source Kingma and Ba 2015, Adam, section 3, for the correction of the bias.
 */
export function smooth(points: readonly Point[], weight: number): Point[] {
  if (weight <= 0) return points.filter(([, y]) => Number.isFinite(y))
  const smoothed: Point[] = []
  let average = 0
  let remaining = 1
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) continue
    average = weight * average + (1 - weight) * y
    remaining *= weight
    smoothed.push([x, average / (1 - remaining)])
  }
  return smoothed
}
