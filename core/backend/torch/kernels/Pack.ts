/** Tensors of one shape, stacked along a new axis. */
import { util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

export const Pack = movement<TensorInfo[], { axis: number }>('Pack', (work, inputs, { axis }) => {
  const { shape, dtype } = inputs[0]!
  for (const input of inputs) {
    util.assertShapesMatch(shape, input.shape, 'All tensors passed to stack must have matching shapes')
    util.assert(dtype === input.dtype, () => 'All tensors passed to stack must have matching dtypes')
  }
  return work.give(
    work.run(
      'aten::stack',
      inputs.map(input => work.of(input)),
      axis,
    ),
    dtype,
  )
})
