/** Sums of the slices that carry the same segment number; slices of no segment are left out. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly segmentIds: TensorInfo
}

export const UnsortedSegmentSum = composed<Inputs, { numSegments: number }>(
  'UnsortedSegmentSum',
  (work, { x, segmentIds }, { numSegments }) => {
    const count = sizeOf(segmentIds.shape)
    const rest = x.shape.slice(segmentIds.shape.length)
    const ids = work.as(work.reshape(work.of(segmentIds), [count]), scalarTypes.int64)
    const isNone = work.run('aten::lt.Scalar', ids, 0)
    // One segment more takes what belongs to none.
    const bounded = work.run(
      'aten::clamp_max',
      work.run('aten::masked_fill.Scalar', ids, isNone, numSegments),
      numSegments,
    )
    const slices = work.reshape(work.of(x), [count, ...rest])
    const zeros = work.full([numSegments + 1, ...rest], 0, work.backend.addon.dtype(slices))
    const sums = work.run('aten::index_add', zeros, 0, bounded, slices)
    return work.give(work.run('aten::narrow', sums, 0, 0, numSegments), x.dtype)
  },
)
