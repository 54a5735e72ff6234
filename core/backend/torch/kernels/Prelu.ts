/** x where x ≥ 0, else alpha·x; alpha broadcasts. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly alpha: TensorInfo
}

export const Prelu = composed<Inputs>('Prelu', (work, { x, alpha }) => {
  const input = work.of(x)
  const scaled = work.run('aten::mul.Tensor', input, work.of(alpha))
  const isNegative = work.run('aten::lt.Scalar', input, 0)
  return work.give(
    work.run('aten::where.self', isNegative, scaled, work.as(input, work.backend.addon.dtype(scaled))),
    'float32',
  )
})
