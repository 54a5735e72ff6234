/** The backend `torch`, which checks what every kernel gives it: a dense tensor of the shape and type that tfjs is told. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../../../core/backend/torch/binding.ts'
import type { Handle } from '../../../core/backend/torch/binding.ts'
import { scalarTypeOf, TorchBackend } from '../../../core/backend/torch/backend.ts'

export class CheckedBackend extends TorchBackend {
  override adopt(handle: Handle, shape: readonly number[], dtype: DataType): TensorInfo {
    const { addon } = this
    const stored = addon.shape(handle)
    if (String(stored) !== String(shape)) throw new Error(`Shape [${stored}] is given out as [${shape}]`)
    const type = addon.dtype(handle)
    const isHalf = type === scalarTypes.bfloat16 || type === scalarTypes.float16
    if (type !== scalarTypeOf(dtype) && !(isHalf && dtype === 'float32'))
      throw new Error(`libtorch's type ${type} is given out as ${dtype}`)
    let expected = 1
    for (let axis = shape.length - 1; axis >= 0 && !shape.includes(0); axis--) {
      const stride = addon.call(addon.op('aten::stride.int'), handle, axis) as number
      if (shape[axis] !== 1 && stride !== expected) throw new Error(`[${shape}] is not stored densely`)
      expected *= shape[axis]!
    }
    return super.adopt(handle, shape, dtype)
  }
}
