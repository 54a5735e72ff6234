/** Local response normalisation: x · (bias + alpha · Σ x² over neighbouring channels)^−beta. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { responseNorm } from './shared/responses.ts'
import type { ResponseAttributes } from './shared/responses.ts'

export const LRN = composed<{ x: TensorInfo }, ResponseAttributes>('LRN', (work, { x }, attrs) => {
  const norm = responseNorm(work, work.of(x), attrs)
  const factor = work.run('aten::pow.Tensor_Scalar', norm, -attrs.beta)
  return work.give(work.run('aten::mul.Tensor', work.of(x), factor), x.dtype, x.shape)
})
