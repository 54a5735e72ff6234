/** Batch norm with given statistics: (x − mean) / √(variance + ε) · scale + offset. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly mean: TensorInfo
  readonly variance: TensorInfo
  readonly scale?: TensorInfo | null
  readonly offset?: TensorInfo | null
}

export const FusedBatchNorm = composed<Inputs, { varianceEpsilon: number }>(
  'FusedBatchNorm',
  (work, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const inverse = work.run('aten::rsqrt', work.run('aten::add.Scalar', work.of(variance), varianceEpsilon))
    const factor = scale ? work.run('aten::mul.Tensor', inverse, work.of(scale)) : inverse
    const centred = work.run('aten::sub.Tensor', work.of(x), work.of(mean))
    const scaled = work.run('aten::mul.Tensor', centred, factor)
    const y = offset ? work.run('aten::add.Tensor', scaled, work.of(offset)) : scaled
    return work.give(y, 'float32', x.shape)
  },
)
