/** Slices of a tensor by index vectors, as `GatherNd`, `ScatterNd` and their kin name them. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../../binding.ts'
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

/** A tensor as rows of slices, which ones are named, and what goes there. */
export interface Scatter {
  readonly rowCount: number
  readonly sliceSize: number
  /** [count] */
  readonly index: Handle
  /** [count, sliceSize] */
  readonly updates: Handle
}

/** @param updates of any rank; a scalar goes everywhere */
export function scatterOf(
  work: Work,
  updates: TensorInfo,
  indices: TensorInfo,
  shape: readonly number[],
): Scatter {
  const { sliceRank, numUpdates, sliceSize, strides, outputSize } = backend_util.calculateShapes(
    updates as never,
    indices as never,
    shape as number[],
  )
  const values = work.of(updates)
  return {
    rowCount: outputSize / sliceSize,
    sliceSize,
    index: rowIndex(work, work.reshape(work.of(indices), [numUpdates, sliceRank]), strides),
    updates:
      updates.shape.length === 0
        ? work.run('aten::expand', values, [numUpdates, sliceSize])
        : work.reshape(values, [numUpdates, sliceSize]),
  }
}

/** @param vectors [count, rank] @param strides in rows @returns [count] */
export function rowIndex(work: Work, vectors: Handle, strides: readonly number[]): Handle {
  const factors = work.indices(strides.slice(0, work.shape(vectors)[1]))
  const places = work.run('aten::mul.Tensor', work.as(vectors, scalarTypes.int64), factors)
  return work.run('aten::sum.dim_IntList', places, [1], false)
}
