/** Sums and means of slices that belong to the same segment; segment numbers must ascend. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { integersOf, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'

interface Inputs {
  readonly data: TensorInfo
  /** Which slice of the data, and which segment it goes to. */
  readonly indices: TensorInfo
  readonly segmentIds: TensorInfo
}

export const segments: readonly TorchKernel[] = [
  row('SparseSegmentSum', false),
  row('SparseSegmentMean', true),
]

function row(name: string, isMean: boolean): TorchKernel {
  return composed<Inputs>(name, (work, { data, indices, segmentIds }) => {
    require(data.shape.length >= 1, () => 'Data should be at least 1 dimensional but received scalar')
    require(indices.shape.length === 1, () =>
      `Indices should be a vector but received shape ${indices.shape}`)
    require(segmentIds.shape.length === 1, () =>
      `Segment ids should be a vector but received shape ${segmentIds.shape}`)
    require(indices.shape[0] === segmentIds.shape[0], () => 'segmentIds and indices should have same size.')
    const ids = integersOf(work, segmentIds)
    const count = segmentCount(ids, integersOf(work, indices), data.shape[0]!)
    const shape = [count, ...data.shape.slice(1)]
    const slices = work.run('aten::index_select', work.of(data), 0, work.of(indices))
    const zeros = work.full(shape, 0, work.backend.addon.dtype(slices))
    const sums = work.run('aten::index_add', zeros, 0, work.of(segmentIds), slices)
    if (!isMean) return work.give(sums, data.dtype, shape)
    const sizes = new Float32Array(count)
    for (const id of ids) sizes[id]!++
    const divisor = work.tensor(sizes.map(size => Math.max(1, size)), [count, ...data.shape.slice(1).map(() => 1)], work.backend.addon.dtype(work.float(sums))) // prettier-ignore
    return work.give(work.run('aten::div.Tensor', sums, divisor), data.dtype, shape)
  })
}

/** @throws AppError in tfjs's words for numbers that are negative, out of range or descend. */
function segmentCount(ids: Int32Array, indices: Int32Array, length: number): number {
  const count = ids.length === 0 ? 0 : ids.at(-1)! + 1
  require(ids.length === 0 || count > 0, backend_util.getSparseSegmentReductionNegativeSegmentIdsErrorMessage)
  for (const [place, id] of ids.entries()) {
    const next = ids[place + 1]
    require(next === undefined ||
      id <= next, backend_util.getSparseSegmentReductionNonIncreasingSegmentIdsErrorMessage)
    require(id >= 0 && id < count, () =>
      backend_util.getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage(id, count))
    const index = indices[place]!
    require(index >= 0 && index < length, () =>
      backend_util.getSparseSegmentReductionIndicesOutOfRangeErrorMessage(place, index, length))
  }
  return count
}
