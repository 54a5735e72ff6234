/** Which part of the plane is in sight. Pixels are those of the style sheet, from the upper left corner. */

export interface MapView {
  /** Point of the plane in the middle. */
  readonly x: number
  readonly y: number
  /** Pixels of one unit of the plane. */
  readonly scale: number
}

export interface ScreenSize {
  readonly width: number
  readonly height: number
}

/** All points in sight, with a margin. @param positions x and y of each */
export function fitted(positions: Float32Array, { width, height }: ScreenSize): MapView {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let at = 0; at < positions.length; at += 2) {
    const [x, y] = [positions[at]!, positions[at + 1]!]
    if (x < left) left = x
    if (x > right) right = x
    if (y < low) low = y
    if (y > high) high = y
  }
  if (!(right >= left)) return { x: 0, y: 0, scale: 1 }
  const scale = 0.92 * Math.min(width / (right - left || 1), height / (high - low || 1))
  return { x: (left + right) / 2, y: (low + high) / 2, scale }
}

export function toScreen(view: MapView, size: ScreenSize, x: number, y: number): [number, number] {
  return [size.width / 2 + (x - view.x) * view.scale, size.height / 2 - (y - view.y) * view.scale]
}

export function toPlane(view: MapView, size: ScreenSize, px: number, py: number): [number, number] {
  return [view.x + (px - size.width / 2) / view.scale, view.y - (py - size.height / 2) / view.scale]
}

/** Zooms by a factor, what lies below the pointer staying there. */
export function zoomed(view: MapView, size: ScreenSize, factor: number, px: number, py: number): MapView {
  const [x, y] = toPlane(view, size, px, py)
  const scale = Math.min(1e9, Math.max(1e-6, view.scale * factor))
  const ratio = view.scale / scale
  return { x: x + (view.x - x) * ratio, y: y + (view.y - y) * ratio, scale }
}

export function moved(view: MapView, dx: number, dy: number): MapView {
  return { ...view, x: view.x - dx / view.scale, y: view.y + dy / view.scale }
}

/** The point nearest to a place on the screen, within some pixels; -1 where there is none. */
export function nearestPoint(
  positions: Float32Array,
  isHidden: (at: number) => boolean,
  view: MapView,
  size: ScreenSize,
  px: number,
  py: number,
  withinPx = 8,
): number {
  const [x, y] = toPlane(view, size, px, py)
  let [best, least] = [-1, (withinPx / view.scale) ** 2]
  for (let at = 0; at * 2 < positions.length; at++) {
    const distance = (positions[at * 2]! - x) ** 2 + (positions[at * 2 + 1]! - y) ** 2
    if (distance <= least && !isHidden(at)) [best, least] = [at, distance]
  }
  return best
}

/** Points within a closed line on the plane, by the number of its crossings. @param line x and y of its corners */
export function within(
  positions: Float32Array,
  isHidden: (at: number) => boolean,
  line: readonly (readonly [number, number])[],
): number[] {
  const xs = line.map(([x]) => x)
  const ys = line.map(([, y]) => y)
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [low, high] = [Math.min(...ys), Math.max(...ys)]
  const found: number[] = []
  for (let at = 0; at * 2 < positions.length; at++) {
    const [x, y] = [positions[at * 2]!, positions[at * 2 + 1]!]
    if (x < left || x > right || y < low || y > high || isHidden(at)) continue
    let isInside = false
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
      const [xi, yi, xj, yj] = [xs[i]!, ys[i]!, xs[j]!, ys[j]!]
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) isInside = !isInside
    }
    if (isInside) found.push(at)
  }
  return found
}
