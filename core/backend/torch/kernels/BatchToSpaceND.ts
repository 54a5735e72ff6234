/** Blocks of space that lie in the batch go back to their places; then the margins are cropped. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'

interface Attributes {
  readonly blockShape: number[]
  readonly crops: number[][]
}

export const BatchToSpaceND = composed<{ x: TensorInfo }, Attributes>(
  'BatchToSpaceND',
  (work, { x }, { blockShape, crops }) => {
    const size = sizeOf(blockShape)
    const apart = backend_util.getReshaped(x.shape, blockShape, size)
    const order = backend_util.getPermuted(apart.length, blockShape.length)
    const together = backend_util.getReshapedPermuted(x.shape, blockShape, size)
    const begin = backend_util.getSliceBeginCoords(crops, blockShape.length)
    const sizes = backend_util.getSliceSize(together, crops, blockShape.length)
    let space = work.reshape(work.permute(work.reshape(work.of(x), apart), order), together)
    for (const [axis, length] of sizes.entries())
      space = work.run('aten::narrow', space, axis, begin[axis]!, length)
    return work.give(space, x.dtype)
  },
)
