/** One value at the place that an index names, another everywhere else; an index out of range names no place. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypeOf } from '../backend.ts'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'

interface Attributes {
  readonly depth: number
  readonly onValue: number
  readonly offValue: number
  readonly dtype: DataType
}

export const OneHot = composed<{ indices: TensorInfo }, Attributes>('OneHot', (work, { indices }, attrs) => {
  const { depth, onValue, offValue, dtype } = attrs
  const places = work.run('aten::arange', depth, scalarTypes.int32, null, work.backend.device)
  const isHot = work.run('aten::eq.Tensor', work.run('aten::unsqueeze', work.of(indices), -1), places)
  const [on, off] = [onValue, offValue].map(value => work.full([], value, scalarTypeOf(dtype)))
  return work.give(work.run('aten::where.self', isHot, on, off), dtype)
})
