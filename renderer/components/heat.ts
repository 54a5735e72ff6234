/** Values from 0 to 1 as colours over an image: nothing where nothing is, through violet and orange to yellow. */

/** Along the scale, red, green, blue. */
const stops = [
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
] as const

/** @source Inferno of matplotlib, in seven steps. @returns red, green, blue from 0 to 255. */
export function heatColor(value: number): readonly [number, number, number] {
  const at = Math.min(Math.max(value, 0), 1) * (stops.length - 1)
  const from = Math.min(Math.floor(at), stops.length - 2)
  const [one, other] = [stops[from]!, stops[from + 1]!]
  const mixed = (channel: 0 | 1 | 2): number =>
    Math.round(one[channel] + (at - from) * (other[channel] - one[channel]))
  return [mixed(0), mixed(1), mixed(2)]
}

/** Pixels of a grid of values, RGBA, the more opaque the larger. */
export function heatPixels(values: readonly number[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4)
  values.forEach((value, at) =>
    pixels.set([...heatColor(value), 255 * Math.sqrt(Math.max(0, value))], at * 4),
  )
  return pixels
}
