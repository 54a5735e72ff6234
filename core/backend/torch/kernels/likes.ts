/** Tensors of zeros and ones of a given tensor's shape and type. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import { scalarTypeOf } from '../backend.ts'
import { AppError } from '../../../errors/index.ts'
import { torchKernel } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'
import { giveStrings } from './shared/strings.ts'

export const likes: readonly TorchKernel[] = [row('OnesLike', 1), row('ZerosLike', 0)]

function row(name: string, value: number): TorchKernel {
  return torchKernel<{ x: TensorInfo }>(name, ({ inputs: { x }, backend }) => {
    const { shape, dtype } = x
    if (dtype !== 'string') {
      // Always in full precision: where a gradient starts, nothing says that it may be less.
      const handle = backend.run('aten::full', shape, value, scalarTypeOf(dtype), null, backend.device)
      return backend.adopt(handle, shape, dtype)
    }
    if (value === 1) throw new AppError('internal', `${name} is not supported for string tensors`)
    return giveStrings(new Array<Uint8Array>(sizeOf(shape)).fill(util.encodeString('')), shape, backend)
  })
}
