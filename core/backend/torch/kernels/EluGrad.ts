/** The gradient of ELU, from its output y: dy where y ≥ 0, else dy·(y + 1). */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly y: TensorInfo
}

export const EluGrad = composed<Inputs>('EluGrad', (work, { dy, y }) => {
  const slope = work.run('aten::clamp_max', work.run('aten::add.Scalar', work.of(y), 1), 1)
  return work.give(work.run('aten::mul.Tensor', work.of(dy), slope), 'float32', y.shape)
})
