/** A block of a tensor. */
import { slice_util } from '@tensorflow/tfjs-core'
import type { SliceAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

export const Slice = movement<{ x: TensorInfo }, SliceAttrs>('Slice', (work, { x }, attrs) => {
  const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size)
  slice_util.assertParamsValid(x as never, begin!, size!)
  let block = work.of(x)
  for (const [axis, length] of x.shape.entries()) {
    if (size![axis] !== length) block = work.run('aten::narrow', block, axis, begin![axis]!, size![axis]!)
  }
  return work.give(block, x.dtype, size)
})
