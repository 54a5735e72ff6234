/** Images under a projective map each: eight numbers that say where each pixel of the result comes from. */
import type { TensorInfo, TransformAttrs } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import { sample } from './shared/sampling.ts'
import type { Point } from './shared/sampling.ts'
import { range } from './shared/shapes.ts'

interface Inputs {
  readonly image: TensorInfo
  /** [N,8] or [1,8] */
  readonly transforms: TensorInfo
}

export const Transform = composed<Inputs, TransformAttrs>('Transform', (work, inputs, attrs) => {
  const { image, transforms } = inputs
  const [batch = 1, height = 1, width = 1, channels = 1] = image.shape
  const [outHeight, outWidth] = attrs.outputShape ?? [height, width]
  const maps = work.backend.readSync(transforms.dataId) as Float32Array
  const points = range(batch).flatMap(index => {
    const map = maps.subarray(transforms.shape[0] === 1 ? 0 : 8 * index)
    return range(outHeight * outWidth).map((pixel): Point | null => {
      const source = sourceOf(map, pixel % outWidth, Math.floor(pixel / outWidth))
      if (source === null) return null
      const [x, y] = [intoImage(source.x, width, attrs.fillMode), intoImage(source.y, height, attrs.fillMode)]
      return { image: index, x, y }
    })
  })
  const fill = work.full([], attrs.fillValue, scalarTypes.float32)
  const pixels = sample(work, image, { method: attrs.interpolation, points }, fill)
  const shape = [batch, outHeight, outWidth, channels]
  return work.give(work.reshape(pixels, shape), image.dtype, shape)
})

/** Null for a point at infinity. */
function sourceOf(map: Float32Array, x: number, y: number): { x: number; y: number } | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = map
  const depth = g * x + h * y + 1
  return depth === 0 ? null : { x: (a * x + b * y + c) / depth, y: (d * x + e * y + f) / depth }
}

/** A place along an axis of `length` pixels, brought inside as the mode says. */
function intoImage(place: number, length: number, mode: TransformAttrs['fillMode']): number {
  const inside = (at: number): number => Math.max(0, Math.min(length - 1, at))
  if (mode === 'constant') return place
  if (mode === 'nearest') return inside(place)
  if (length <= 1) return inside(place)
  if (mode === 'wrap') {
    // As TensorFlow counts: whole images of length − 1.
    if (place < 0) return inside(place + length * (Math.trunc(-place / (length - 1)) + 1))
    if (place > length - 1) return inside(place - length * Math.trunc(place / (length - 1)))
    return place
  }
  const period = 2 * length
  if (place < 0) {
    const shifted = place < period ? period * Math.trunc(-place / period) + place : place
    return inside(shifted < -length ? shifted + period : -shifted - 1)
  }
  const rest = place > length - 1 ? place - period * Math.trunc(place / period) : place
  return inside(rest >= length ? period - rest - 1 : rest)
}
