/** Images put together from single pixels of others, by positions that JavaScript computes. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../../binding.ts'
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

/** A point between pixels of an image. */
export interface Point {
  /** Which image of the batch. */
  readonly image: number
  readonly y: number
  readonly x: number
}

/** How points take their values from pixels. Null stands for a point that takes the fill value. */
export interface Sampling {
  readonly method: 'bilinear' | 'nearest'
  readonly points: readonly (Point | null)[]
}

interface Taps {
  /** Into the pixels of all images. */
  readonly pixels: Int32Array
  readonly weights: Float32Array
}

/**
 * @param images [N,H,W,C]
 * @param fill what lies outside, broadcast to [points,C]
 * @returns [points,C], float32
 */
export function sample(work: Work, images: TensorInfo, { method, points }: Sampling, fill: Handle): Handle {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape
  const rows = work.as(work.reshape(work.of(images), [batch * height * width, channels]), scalarTypes.float32)
  const corners = method === 'nearest' ? [[0, 0]] : [[0, 0], [0, 1], [1, 0], [1, 1]] // prettier-ignore
  const outside = new Float32Array(points.length).fill(1)
  let sum: Handle | null = null
  for (const [down = 0, right = 0] of corners) {
    const taps = tapsOf(points, method, down, right, height, width)
    for (const [index, weight] of taps.weights.entries()) outside[index]! -= weight
    const values = work.run('aten::index_select', rows, 0, work.indices(taps.pixels))
    const part = work.run('aten::mul.Tensor', values, columnOf(work, taps.weights))
    sum = sum === null ? part : work.run('aten::add.Tensor', sum, part)
  }
  return work.run('aten::add.Tensor', sum!, work.run('aten::mul.Tensor', columnOf(work, outside), fill))
}

/** One of the pixels around each point, and its share; a pixel outside has none. */
function tapsOf(
  points: Sampling['points'],
  method: Sampling['method'],
  down: number,
  right: number,
  height: number,
  width: number,
): Taps {
  const pixels = new Int32Array(points.length)
  const weights = new Float32Array(points.length)
  const round = method === 'nearest' ? Math.round : Math.floor
  for (const [index, point] of points.entries()) {
    if (point === null) continue
    const [y, x] = [round(point.y) + down, round(point.x) + right]
    if (y < 0 || y >= height || x < 0 || x >= width) continue
    pixels[index] = (point.image * height + y) * width + x
    const share = (place: number, at: number): number => Math.max(0, 1 - Math.abs(place - at))
    weights[index] = method === 'nearest' ? 1 : share(y, point.y) * share(x, point.x)
  }
  return { pixels, weights }
}

function columnOf(work: Work, values: Float32Array): Handle {
  return work.tensor(values, [values.length, 1], scalarTypes.float32)
}
