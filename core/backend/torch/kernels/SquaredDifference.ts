/** (a − b)², with broadcasting. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { numeric, widerOf } from './shared/dtypes.ts'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly a: TensorInfo
  readonly b: TensorInfo
}

export const SquaredDifference = composed<Inputs>('SquaredDifference', (work, { a, b }) => {
  const difference = work.run('aten::sub.Tensor', work.of(a), work.of(b))
  return work.give(work.run('aten::square', difference), numeric(widerOf(a.dtype, b.dtype)))
})
