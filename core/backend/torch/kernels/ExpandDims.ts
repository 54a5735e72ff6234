/** A shape with one more dimension, of length 1. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'
import { torchKernel } from './shared/kernel.ts'
import { reshaped } from './shared/reshaped.ts'

export const ExpandDims = torchKernel<{ input: TensorInfo }, { dim: number }>(
  'ExpandDims',
  ({ inputs: { input }, attrs: { dim }, backend }) => {
    const rank = input.shape.length
    if (dim < -(rank + 1) || dim > rank) {
      throw new AppError('internal', `Axis must be in the interval [${-(rank + 1)}, ${rank}]`)
    }
    const shape = [...input.shape]
    shape.splice(dim < 0 ? rank + 1 + dim : dim, 0, 1)
    return reshaped(input, shape, backend)
  },
)
