/**
 * Resizing as TensorFlow 1 does it: without antialiasing, and with the corner of a pixel where others have its centre (align_corners
 * and half_pixel_centers off). Results are rounded to whole grey levels.
 *
 * @source tf.image.resize_images of TensorFlow 1: ResizeBilinear, ResizeNearestNeighbor, ResizeBicubic (a = -0.75, shares in 1/1024), ResizeArea
 */
import { cut, type Box } from './resample.ts'
import type { Image } from './transform.ts'

/** In the order of tf.image.ResizeMethod. */
export const tensorFlowMethods = ['bilinear', 'nearest', 'bicubic', 'area'] as const
export type TensorFlowMethod = (typeof tensorFlowMethods)[number]

/** Inputs of each output along one side: weights[i · size + k] of input index[i · size + k]. */
interface Taps {
  readonly size: number
  readonly index: Int32Array
  readonly weights: Float32Array
}

/** @param box part of the image, inside it */
export function resizeLikeTensorFlow(
  image: Image,
  box: Box,
  { width, height }: Pick<Image, 'width' | 'height'>,
  method: TensorFlowMethod,
): Image {
  if (box.width === width && box.height === height) return cut(image, box)
  const { channels } = image
  const columns = tapsOf(method, box.width, width)
  const rows = tapsOf(method, box.height, height)
  const rowLength = width * channels
  const across = new Float32Array(box.height * rowLength)
  for (let y = 0; y < box.height; y++) {
    const from = ((box.y + y) * image.width + box.x) * channels
    rowAcross(image, from, across, y * rowLength, width, columns)
  }
  const data = new Uint8Array(height * rowLength)
  const sums = new Float32Array(rowLength)
  for (let y = 0; y < height; y++) {
    sums.fill(0.5)
    for (let k = y * rows.size; k < (y + 1) * rows.size; k++) {
      const weight = rows.weights[k]!
      const from = rows.index[k]! * rowLength
      if (weight !== 0) for (let at = 0; at < rowLength; at++) sums[at]! += weight * across[from + at]!
    }
    for (let at = 0; at < rowLength; at++) data[y * rowLength + at] = Math.min(Math.max(sums[at]!, 0), 255)
  }
  return { data, width, height, channels }
}

function rowAcross(
  { data: source, channels }: Image,
  from: number,
  out: Float32Array,
  ...[at, width, { size, index, weights }]: [number, number, Taps]
): void {
  for (let x = 0; x < width; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0
      for (let k = x * size; k < (x + 1) * size; k++)
        sum += weights[k]! * source[from + index[k]! * channels + c]!
      out[at++] = sum
    }
  }
}

function tapsOf(method: TensorFlowMethod, from: number, to: number): Taps {
  const scale = Math.fround(from / to)
  const size = { bilinear: 2, nearest: 1, bicubic: 4, area: Math.ceil(scale) + 1 }[method]
  const taps = { size, index: new Int32Array(to * size), weights: new Float32Array(to * size) }
  for (let out = 0; out < to; out++) {
    const put = (k: number, index: number, weight: number): void => {
      taps.index[out * size + k] = Math.min(Math.max(index, 0), from - 1)
      taps.weights[out * size + k] = weight
    }
    const place = Math.fround(out * scale)
    const first = Math.floor(place)
    const share = Math.fround(place - first)
    if (method === 'nearest') put(0, first, 1)
    else if (method === 'bilinear') {
      put(0, first, 1 - share)
      put(1, first + 1, share)
    } else if (method === 'bicubic') {
      cubicShares(Math.round(share * 1024) / 1024).forEach((weight, k) => put(k, first - 1 + k, weight))
    } else {
      const end = Math.fround((out + 1) * scale)
      for (let k = 0; first + k < Math.ceil(end); k++) {
        const covered = Math.min(first + k + 1, end) - Math.max(first + k, place)
        put(k, first + k, covered / scale)
      }
    }
  }
  return taps
}

/** Of the four neighbours, for a place so far behind the second (Keys 1981). */
function cubicShares(share: number): [number, number, number, number] {
  const a = -0.75
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  return [far(1 + share), near(share), near(1 - share), far(2 - share)]
}
