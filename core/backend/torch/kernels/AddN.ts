/** Sum of tensors of one shape. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const AddN = composed<TensorInfo[]>('AddN', (work, inputs) => {
  const { shape, dtype } = inputs[0]!
  let sum = work.of(inputs[0]!)
  for (const [index, input] of inputs.slice(1).entries()) {
    // The first sum is a new tensor, which the others are added to.
    if (index === 0) sum = work.run('aten::add.Tensor', sum, work.of(input))
    else work.inPlace('aten::add_.Tensor', sum, work.of(input))
  }
  return work.give(inputs.length === 1 ? work.run('aten::clone', sum) : sum, dtype, shape)
})
