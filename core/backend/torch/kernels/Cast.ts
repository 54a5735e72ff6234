/** Another type. A tensor whose values need no change shares its memory with the result. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypeOf } from '../backend.ts'
import { composed } from './shared/kernel.ts'
import { giveStrings, stringsOf } from './shared/strings.ts'

export const Cast = composed<{ x: TensorInfo }, { dtype: DataType }>('Cast', (work, { x }, { dtype }) => {
  if (x.dtype === 'string') return giveStrings(stringsOf(x, work.backend), x.shape, work.backend)
  // A float32 tensor may be stored in fewer bits, which a cast to float32 leaves as they are.
  if (x.dtype === dtype) return work.give(work.of(x), dtype, x.shape)
  const real = x.dtype === 'complex64' ? work.run('aten::real', work.of(x)) : work.of(x)
  return work.give(work.as(real, scalarTypeOf(dtype)), dtype, x.shape)
})
