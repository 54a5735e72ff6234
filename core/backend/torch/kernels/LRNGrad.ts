/** The gradient of `LRN`: dy · norm^−beta − 2·alpha·beta · x · Σ dy·y / norm over neighbouring channels. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { neighbourSum, responseNorm } from './shared/responses.ts'
import type { ResponseAttributes } from './shared/responses.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly y: TensorInfo
  readonly dy: TensorInfo
}

export const LRNGrad = composed<Inputs, ResponseAttributes>('LRNGrad', (work, { x, y, dy }, attrs) => {
  const { alpha, beta, depthRadius } = attrs
  const norm = responseNorm(work, work.of(x), attrs)
  const own = work.run('aten::mul.Tensor', work.of(dy), work.run('aten::pow.Tensor_Scalar', norm, -beta))
  const weighted = work.run('aten::div.Tensor', work.run('aten::mul.Tensor', work.of(dy), work.of(y)), norm)
  const others = work.run('aten::mul.Tensor', work.of(x), neighbourSum(work, weighted, depthRadius))
  return work.give(work.run('aten::sub.Tensor', own, others, 2 * alpha * beta), x.dtype, x.shape)
})
