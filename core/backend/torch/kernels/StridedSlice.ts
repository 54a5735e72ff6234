/** A block of a tensor with steps, as Python's `x[begin:end:stride]`; steps may be negative. */
import { slice_util } from '@tensorflow/tfjs-core'
import type { StridedSliceAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../binding.ts'
import { movement } from './shared/movement.ts'
import type { Work } from './shared/work.ts'

export const StridedSlice = movement<{ x: TensorInfo }, StridedSliceAttrs>(
  'StridedSlice',
  (work, { x }, attrs) => {
    const info = slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    )
    const { begin, end, strides, finalShape } = info
    let block = work.reshape(work.of(x), x.shape)
    for (const axis of x.shape.keys())
      block = steps(work, block, axis, begin[axis]!, end[axis]!, strides[axis]!)
    return work.give(work.reshape(block, finalShape), x.dtype, finalShape)
  },
)

function steps(work: Work, x: Handle, axis: number, begin: number, end: number, stride: number): Handle {
  if (stride > 0) return work.run('aten::slice.Tensor', x, axis, begin, Math.max(begin, end), stride)
  const positions: number[] = []
  for (let at = begin; at > end; at += stride) positions.push(at)
  return work.run('aten::index_select', x, axis, work.indices(positions))
}
