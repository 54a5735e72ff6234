/** 1 where x > 0, else alpha; NaN stays. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const Step = composed<{ x: TensorInfo }, { alpha: number }>('Step', (work, { x }, { alpha }) => {
  const type = work.backend.addon.dtype(work.of(x))
  const isPositive = work.run('aten::gt.Scalar', work.of(x), 0)
  const [one, other] = [1, alpha].map(value => work.full([], value, type))
  const step = work.run('aten::where.self', isPositive, one, other)
  if (x.dtype !== 'float32') return work.give(step, x.dtype, x.shape)
  return work.give(
    work.run('aten::where.self', work.run('aten::isnan', work.of(x)), work.of(x), step),
    x.dtype,
  )
})
