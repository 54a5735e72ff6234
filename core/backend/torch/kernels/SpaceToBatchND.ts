/** Space, after padding, is cut in blocks; pixels of the same place in their blocks form images of their own. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'

interface Attributes {
  readonly blockShape: number[]
  readonly paddings: number[][]
}

export const SpaceToBatchND = composed<{ x: TensorInfo }, Attributes>(
  'SpaceToBatchND',
  (work, { x }, { blockShape, paddings }) => {
    const size = sizeOf(blockShape)
    const rest = x.shape.length - 1 - blockShape.length
    const margins = [[0, 0], ...paddings, ...new Array<number[]>(rest).fill([0, 0])]
    const padded = x.shape.map((length, axis) => margins[axis]![0]! + length + margins[axis]![1]!)
    const apart = backend_util.getReshaped(padded, blockShape, size, false)
    const order = backend_util.getPermuted(apart.length, blockShape.length, false)
    const together = backend_util.getReshapedPermuted(padded, blockShape, size, false)
    const space = work.run('aten::constant_pad_nd', work.of(x), [...margins].reverse().flat(), 0)
    const blocks = work.permute(work.reshape(space, apart), order)
    return work.give(work.reshape(blocks, together), x.dtype, together)
  },
)
