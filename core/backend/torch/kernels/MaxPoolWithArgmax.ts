/** Largest value in each window, and where it lies: its place in the flattened image, or in the batch. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import type { Handle } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import { imagesForMax, poolPadding, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'
import { channelsLast } from './shared/window.ts'

interface Attributes extends PoolAttributes {
  readonly includeBatchInIndex: boolean
}

export const MaxPoolWithArgmax = composed<{ x: TensorInfo }, Attributes>(
  'MaxPoolWithArgmax',
  (work, { x }, attrs) => {
    const window = poolWindow(x.shape, attrs)
    const { kernel, stride } = window
    const [batch = 1, height = 1, width = 1, channels = 1] = x.shape
    const plan = poolPadding(window)
    const pool = (images: Handle): Handle[] =>
      work.many('aten::max_pool2d_with_indices', images, kernel, stride, plan.padding)
    const images = imagesForMax(work, x, window, each => pool(each)[0]!)
    const [pooled, places] = pool(images)
    const [top, left] = plan.margin?.map(([before]) => before) ?? [0, 0]
    const paddedWidth = work.shape(images)[3]!
    const row = work.run('aten::floor_divide.Scalar', places!, paddedWidth)
    const column = work.run('aten::remainder.Scalar', places!, paddedWidth)
    const pixel = work.run(
      'aten::add.Tensor',
      work.run('aten::mul.Scalar', work.run('aten::sub.Scalar', row, top), width),
      work.run('aten::sub.Scalar', column, left),
    )
    const channel = work.run('aten::arange', channels, scalarTypes.int64, null, work.backend.device)
    const inImage = work.run(
      'aten::add.Tensor',
      work.run('aten::mul.Scalar', channelsLast(work, pixel, 2), channels),
      channel,
    )
    const images0 = work.run('aten::arange', batch, scalarTypes.int64, null, work.backend.device)
    const first = work.run('aten::mul.Scalar', images0, height * width * channels)
    const place = attrs.includeBatchInIndex
      ? work.run('aten::add.Tensor', inImage, work.reshape(first, [batch, 1, 1, 1]))
      : inImage
    return [work.give(channelsLast(work, pooled!, 2), x.dtype), work.give(place, 'int32')]
  },
)
