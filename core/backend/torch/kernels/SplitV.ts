/** A tensor in blocks along an axis. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { SplitVAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { axesOf } from './shared/shapes.ts'

export const SplitV = movement<{ x: TensorInfo }, SplitVAttrs>('SplitV', (work, { x }, attrs) => {
  const [axis = 0] = axesOf(attrs.axis, x.shape.length)
  const sizes = backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis)
  const parts = work.many('aten::split_with_sizes', work.of(x), sizes, axis)
  return parts.map(part => work.give(part, x.dtype))
})
