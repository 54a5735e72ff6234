/** A second tensor of the same data. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { torchKernel } from './shared/kernel.ts'

export const Identity = torchKernel<{ x: TensorInfo }>('Identity', ({ inputs: { x }, backend }) => {
  backend.handle(x) // fetches the data of another backend's tensor
  backend.incRef(x.dataId)
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
})
