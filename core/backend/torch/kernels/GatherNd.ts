/** Slices of a tensor by index vectors. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { rowIndex } from './shared/scatter.ts'
import { sizeOf } from './shared/shapes.ts'

interface Inputs {
  readonly params: TensorInfo
  readonly indices: TensorInfo
}

export const GatherNd = movement<Inputs>('GatherNd', (work, { params, indices }) => {
  const [shape, count, sliceSize, strides] = backend_util.prepareAndValidate(params, indices)
  const rows = work.reshape(work.of(params), [sizeOf(params.shape) / sliceSize, sliceSize])
  const vectors = work.reshape(work.of(indices), [count, indices.shape.at(-1)!])
  const gathered = work.run('aten::index_select', rows, 0, rowIndex(work, vectors, strides))
  return work.give(work.reshape(gathered, shape), params.dtype, shape)
})
