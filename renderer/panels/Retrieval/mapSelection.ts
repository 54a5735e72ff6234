/** Chosen points as the images they are, so that they are chosen in another layout as well. */
import type { MapPoints } from './mapPoints.ts'

export interface MapImage {
  /** Of the split. */
  readonly index: number
  /** Of the map that is laid over the first. */
  readonly isSecond: boolean
}

export function imagesAt(
  points: readonly number[],
  first: MapPoints | null,
  second: MapPoints | null,
): MapImage[] {
  const count = first?.indices.length ?? 0
  return points.flatMap(at => {
    const index = at < count ? first!.indices[at] : second?.indices[at - count]
    return index === undefined ? [] : [{ index, isSecond: at >= count }]
  })
}

/** Those that have no point are left out. */
export function pointsOf(
  images: readonly MapImage[],
  first: MapPoints | null,
  second: MapPoints | null,
): number[] {
  if (images.length === 0 || !first) return []
  const [own, over] = [placesOf(first), placesOf(second)]
  return images.flatMap(({ index, isSecond }) => {
    const at = (isSecond ? over : own).get(index)
    return at === undefined ? [] : [isSecond ? first.indices.length + at : at]
  })
}

function placesOf(points: MapPoints | null): ReadonlyMap<number, number> {
  return new Map(Array.from(points?.indices ?? [], (index, at) => [index, at]))
}
