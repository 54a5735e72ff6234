/** A tensor of one value. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import { scalarTypeOf } from '../backend.ts'
import { torchKernel } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'
import { giveStrings } from './shared/strings.ts'

interface Attributes {
  readonly shape: number[]
  readonly value: number | string
  readonly dtype?: DataType
}

export const Fill = torchKernel<object, Attributes>('Fill', ({ attrs, backend }): TensorInfo => {
  const { shape, value } = attrs
  const dtype = attrs.dtype ?? util.inferDtype(value)
  if (typeof value === 'string' || dtype === 'string') {
    const encoded = util.encodeString(String(value))
    return giveStrings(new Array<Uint8Array>(sizeOf(shape)).fill(encoded), shape, backend)
  }
  const handle = backend.run('aten::full', shape, value, scalarTypeOf(dtype), null, backend.device)
  return backend.adopt(handle, shape, dtype)
})
