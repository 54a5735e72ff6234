/** The same values in another shape, in the same memory. */
import { util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'
import { torchKernel } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'
import { reshaped } from './shared/reshaped.ts'

export const Reshape = torchKernel<{ x: TensorInfo }, { shape: number[] }>(
  'Reshape',
  ({ inputs: { x }, attrs, backend }) => {
    const size = sizeOf(x.shape)
    const shape = util.inferFromImplicitShape(attrs.shape, size)
    if (sizeOf(shape) !== size) {
      const message = `Reshape: [${x.shape}] has ${size} elements, [${shape}] ${sizeOf(shape)}; they must have as many`
      throw new AppError('internal', message)
    }
    return reshaped(x, shape, backend)
  },
)
