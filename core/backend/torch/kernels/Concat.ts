/** Tensors side by side along an axis. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { axesOf, sizeOf } from './shared/shapes.ts'
import { movement } from './shared/movement.ts'

export const Concat = movement<TensorInfo[], { axis: number }>('Concat', (work, inputs, attrs) => {
  const axis = axesOf(attrs.axis, inputs[0]!.shape.length)[0] ?? 0
  const shapes = inputs.map(({ shape }) => shape)
  backend_util.assertParamsConsistent(shapes, axis)
  const shape = backend_util.computeOutShape(shapes, axis)
  const filled = inputs.filter(input => sizeOf(input.shape) > 0)
  const parts = filled.length > 0 ? filled : inputs
  return work.give(
    work.run(
      'aten::cat',
      parts.map(part => work.of(part)),
      axis,
    ),
    inputs[0]!.dtype,
    shape,
  )
})
