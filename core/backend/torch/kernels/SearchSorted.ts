/** Where values belong in sorted rows: before equal ones (left) or after them (right). */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly sortedSequence: TensorInfo
  readonly values: TensorInfo
}

export const SearchSorted = composed<Inputs, { side: 'left' | 'right' }>(
  'SearchSorted',
  (work, { sortedSequence, values }, { side }) =>
    work.give(
      work.run('aten::searchsorted.Tensor', work.of(sortedSequence), work.of(values), true, side === 'right'),
      'int32',
      values.shape,
    ),
)
