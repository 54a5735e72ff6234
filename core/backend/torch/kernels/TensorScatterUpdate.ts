/** A tensor with some of its slices replaced. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { scatterOf } from './shared/scatter.ts'

interface Inputs {
  readonly tensor: TensorInfo
  readonly indices: TensorInfo
  readonly updates: TensorInfo
}

export const TensorScatterUpdate = movement<Inputs>('TensorScatterUpdate', (work, inputs) => {
  const { shape, dtype } = inputs.tensor
  const { rowCount, sliceSize, index, updates } = scatterOf(work, inputs.updates, inputs.indices, shape)
  const before = work.reshape(work.of(inputs.tensor), [rowCount, sliceSize])
  const like = work.as(updates, work.backend.addon.dtype(before))
  return work.give(work.reshape(work.run('aten::index_copy', before, 0, index, like), shape), dtype, shape)
})
