/** Slices at places that index vectors name, over zeros; what goes to one place is added. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { scatterOf } from './shared/scatter.ts'

interface Inputs {
  readonly indices: TensorInfo
  readonly updates: TensorInfo
}

export const ScatterNd = composed<Inputs, { shape: number[] }>('ScatterNd', (work, inputs, { shape }) => {
  const { rowCount, sliceSize, index, updates } = scatterOf(work, inputs.updates, inputs.indices, shape)
  const zeros = work.full([rowCount, sliceSize], 0, work.backend.addon.dtype(updates))
  const rows = work.run('aten::index_add', zeros, 0, index, updates)
  return work.give(work.reshape(rows, shape), inputs.updates.dtype, shape)
})
