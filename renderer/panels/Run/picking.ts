/** From a place on an axis to the step that was recorded nearest to it, and back. */
import { trainingClock, xOf, type CurveColumns, type XAxis } from '../../charts/curves.ts'

interface Place {
  readonly step: number
  readonly x: number
}

/** The nearest recorded step of training; null while there is none. */
export function pickedStep(curves: readonly CurveColumns[], x: number, axis: XAxis): number | null {
  const clock = trainingClock(curves)
  let found: number | null = null
  let least = Infinity
  for (const curve of curves) {
    if (!curve.key.startsWith('train/')) continue
    for (let index = 0; index < curve.step.length; index++) {
      const step = curve.step[index] ?? 0
      if (curve.orphanedFromStep !== null && step >= curve.orphanedFromStep) break
      const distance = Math.abs(xOf(curve, index, axis, clock) - x)
      if (distance < least) [least, found] = [distance, step]
    }
  }
  return found
}

/** Where a step lies on an axis, between the points around it; null while nothing is recorded. */
export function placeOfStep(curves: readonly CurveColumns[], step: number, axis: XAxis): number | null {
  if (axis === 'step') return step
  const clock = trainingClock(curves)
  const places = curves.flatMap(curve => {
    if (!curve.key.startsWith('train/')) return []
    const end = curve.orphanedFromStep ?? Infinity
    return curve.step.flatMap((own, index) =>
      own < end ? [{ step: own, x: xOf(curve, index, axis, clock) }] : [],
    )
  })
  const before = places.reduce<Place | null>(
    (best, place) => (place.step <= step && (!best || place.step >= best.step) ? place : best),
    null,
  )
  const after = places.reduce<Place | null>(
    (best, place) => (place.step >= step && (!best || place.step <= best.step) ? place : best),
    null,
  )
  if (!before || !after) return (before ?? after)?.x ?? null
  if (after.step === before.step) return before.x
  return before.x + ((after.x - before.x) * (step - before.step)) / (after.step - before.step)
}
