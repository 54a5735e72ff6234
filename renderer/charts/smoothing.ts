/** Exponential smoothing of a drawn curve. */

export type Point = readonly [x: number, y: number]

/**
 * Exponential moving average that starts unbiased: early values are not drawn towards zero.
 * @param weight from 0 (none) to 0.999; non-finite values are left out and do not disturb what follows.
 * @param places where each point stands, in units of which one fades what came before by `weight`: a series that is
 * recorded every tenth step lags no more than one of every step. Without them each point is one unit from the last.
 * @source Kingma and Ba 2015, Adam, section 3, for the correction of the bias.
 */
export function smooth(points: readonly Point[], weight: number, places?: readonly number[]): Point[] {
  if (weight <= 0) return points.filter(([, y]) => Number.isFinite(y))
  const smoothed: Point[] = []
  let average = 0
  let total = 0
  let before: number | undefined
  for (const [index, [x, y]] of points.entries()) {
    if (!Number.isFinite(y)) continue
    const place = places?.[index] ?? index
    const kept = weight ** (places && before !== undefined ? Math.max(0, place - before) : 1)
    average = kept * average + (1 - weight) * y
    total = kept * total + (1 - weight)
    before = place
    smoothed.push([x, average / total])
  }
  return smoothed
}
