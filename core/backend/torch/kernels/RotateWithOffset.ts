/** Images turned about a point, each pixel taken from the nearest; what lies outside takes a given value or colour. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { RotateWithOffsetAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import { sample } from './shared/sampling.ts'
import { range } from './shared/shapes.ts'

const opaque = 255

export const RotateWithOffset = composed<{ image: TensorInfo }, RotateWithOffsetAttrs>(
  'RotateWithOffset',
  (work, { image }, { radians, fillValue, center }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape
    const [centerX, centerY] = backend_util.getImageCenter(center, height, width)
    const [sine, cosine] = [Math.sin(radians), Math.cos(radians)]
    const points = range(batch).flatMap(index =>
      range(height * width).map(pixel => {
        const [across, down] = [(pixel % width) - centerX, Math.floor(pixel / width) - centerY]
        const x = Math.round(across * cosine - down * sine + centerX)
        const y = Math.round(across * sine + down * cosine + centerY)
        return { image: index, x, y }
      }),
    )
    const colour = range(channels).map(channel => {
      if (typeof fillValue === 'number') return fillValue
      return channel === 3 ? opaque : (fillValue[channel] ?? 0)
    })
    const fill = work.tensor(Float32Array.from(colour), [1, channels], scalarTypes.float32)
    const pixels = sample(work, image, { method: 'nearest', points }, fill)
    return work.give(work.reshape(pixels, image.shape), image.dtype, image.shape)
  },
)
