/** ⌊a / b⌋ as integers, with broadcasting. Dividing by zero gives 0, as in tfjs. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly a: TensorInfo
  readonly b: TensorInfo
}

export const FloorDiv = composed<Inputs>('FloorDiv', (work, { a, b }) => {
  const isFloat = a.dtype === 'float32' || b.dtype === 'float32'
  // libtorch refuses integers divided by zero.
  const divisor = work.of(b)
  const isZero = work.run('aten::eq.Scalar', divisor, 0)
  const safe = work.run('aten::masked_fill.Scalar', isFloat ? divisor : work.as(divisor, 3), isZero, 1)
  const quotient = work.run('aten::floor_divide', work.of(a), safe)
  return work.give(work.run('aten::masked_fill.Scalar', quotient, isZero, 0), 'int32')
})
