/** Values at places that index vectors name, over a default value. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { scatterOf } from './shared/scatter.ts'

interface Inputs {
  readonly sparseIndices: TensorInfo
  readonly sparseValues: TensorInfo
  readonly defaultValue: TensorInfo
}

export const SparseToDense = movement<Inputs, { outputShape: number[] }>(
  'SparseToDense',
  (work, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
    const scatter = scatterOf(work, sparseValues, sparseIndices, outputShape)
    const { rowCount, sliceSize, index, updates } = scatter
    const type = work.backend.addon.dtype(updates)
    const empty = work.run('aten::expand', work.as(work.of(defaultValue), type), [rowCount, sliceSize])
    const dense = work.run('aten::index_copy', empty, 0, index, updates)
    return work.give(work.reshape(dense, outputShape), sparseValues.dtype, outputShape)
  },
)
