/** The slices of a tensor along an axis, without that axis. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { axesOf, reducedShape } from './shared/shapes.ts'

export const Unpack = movement<{ value: TensorInfo }, { axis: number }>(
  'Unpack',
  (work, { value }, attrs) => {
    const [axis = 0] = axesOf(attrs.axis, value.shape.length)
    const shape = reducedShape(value.shape, [axis], false)
    return work
      .many('aten::unbind.int', work.of(value), axis)
      .map(each => work.give(each, value.dtype, shape))
  },
)
