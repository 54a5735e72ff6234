/** A tensor on the diagonal of one of twice the rank. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'

export const Diag = composed<{ x: TensorInfo }>('Diag', (work, { x }) => {
  const flat = work.reshape(work.of(x), [sizeOf(x.shape)])
  const shape = [...x.shape, ...x.shape]
  return work.give(work.reshape(work.run('aten::diag', flat), shape), x.dtype, shape)
})
