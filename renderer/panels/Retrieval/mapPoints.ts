/** Points of maps as the host sends them, and a second map laid over the first. */

export interface MapPoints {
  /** x and y of each. */
  readonly positions: Float32Array
  /** Image of each in its split. */
  readonly indices: Int32Array
  readonly labels: Int32Array
  /** Class that the network takes each image for; null where it has no classifier. */
  readonly predicted: Int32Array | null
}

export function decodedPoints(sent: {
  readonly positions: string
  readonly indices: string
  readonly labels: string
  readonly predicted: string | null
}): MapPoints {
  return {
    positions: new Float32Array(bytesOf(sent.positions)),
    indices: new Int32Array(bytesOf(sent.indices)),
    labels: new Int32Array(bytesOf(sent.labels)),
    predicted: sent.predicted === null ? null : new Int32Array(bytesOf(sent.predicted)),
  }
}

function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes.buffer
}

/**
 * The second map turned, mirrored, scaled and moved so that its images lie as near as possible to the same ones of the first.
 * @source Schönemann 1966, orthogonal Procrustes problem; in the plane its solution is an angle.
 */
export function laidOver(first: MapPoints, second: MapPoints): Float32Array {
  const places = new Map(Array.from(first.indices, (index, at) => [index, at]))
  const pairs: (readonly [number, number])[] = []
  second.indices.forEach((index, at) => {
    const other = places.get(index)
    if (other !== undefined) pairs.push([other, at])
  })
  if (pairs.length < 2) return second.positions
  const [a, b] = [middleOf(first.positions, pairs, 0), middleOf(second.positions, pairs, 1)]
  const fits = [1, -1].map(mirror => fitOf(first.positions, second.positions, pairs, a, b, mirror))
  const best = fits[0]!.gain >= fits[1]!.gain ? fits[0]! : fits[1]!
  const [cos, sin] = [Math.cos(best.angle) * best.scale, Math.sin(best.angle) * best.scale]
  const out = new Float32Array(second.positions.length)
  for (let at = 0; at < out.length; at += 2) {
    const x = second.positions[at]! - b[0]
    const y = best.mirror * (second.positions[at + 1]! - b[1])
    out[at] = a[0] + cos * x - sin * y
    out[at + 1] = a[1] + sin * x + cos * y
  }
  return out
}

type Pairs = readonly (readonly [number, number])[]

function middleOf(positions: Float32Array, pairs: Pairs, side: 0 | 1): [number, number] {
  let [x, y] = [0, 0]
  for (const pair of pairs) {
    x += positions[pair[side] * 2]!
    y += positions[pair[side] * 2 + 1]!
  }
  return [x / pairs.length, y / pairs.length]
}

function fitOf(
  first: Float32Array,
  second: Float32Array,
  pairs: Pairs,
  a: readonly [number, number],
  b: readonly [number, number],
  mirror: number,
) {
  let [dot, cross, length] = [0, 0, 0]
  for (const [one, other] of pairs) {
    const [x1, y1] = [first[one * 2]! - a[0], first[one * 2 + 1]! - a[1]]
    const [x2, y2] = [second[other * 2]! - b[0], mirror * (second[other * 2 + 1]! - b[1])]
    dot += x1 * x2 + y1 * y2
    cross += y1 * x2 - x1 * y2
    length += x2 * x2 + y2 * y2
  }
  const gain = Math.hypot(dot, cross)
  return { angle: Math.atan2(cross, dot), scale: length > 0 ? gain / length : 1, gain, mirror }
}
