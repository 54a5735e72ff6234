/** Products of tensors summed over named axes. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { widerOf } from './shared/dtypes.ts'
import { composed } from './shared/kernel.ts'

export const Einsum = composed<TensorInfo[], { equation: string }>('Einsum', (work, inputs, { equation }) => {
  // Refuses what tfjs refuses.
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, inputs.length)
  backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as never)
  const dtype = inputs.map(input => input.dtype).reduce(widerOf)
  return work.give(
    work.run(
      'aten::einsum',
      equation,
      inputs.map(input => work.of(input)),
    ),
    dtype,
  )
})
