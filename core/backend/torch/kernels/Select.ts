/** Elements of one tensor where a condition holds, of another where not. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { widerOf } from './shared/dtypes.ts'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly condition: TensorInfo
  readonly t: TensorInfo
  readonly e: TensorInfo
}

export const Select = composed<Inputs>('Select', (work, { condition, t, e }) => {
  const own = condition.shape
  // A condition of one dimension chooses whole slices.
  const shape = own.length === 1 && t.shape.length > 1 ? [own[0]!, ...t.shape.slice(1).map(() => 1)] : own
  const isTrue = work.as(work.reshape(work.of(condition), shape), scalarTypes.bool)
  return work.give(
    work.run('aten::where.self', isTrue, work.of(t), work.of(e)),
    widerOf(t.dtype, e.dtype),
    t.shape,
  )
})
