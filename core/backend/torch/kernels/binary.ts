/** Functions of two tensors, element by element, with broadcasting: one row a kernel. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../backend.ts'
import { scalarTypes } from '../binding.ts'
import type { Handle } from '../binding.ts'
import { numeric, widerOf } from './shared/dtypes.ts'
import { torchKernel } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { broadcastShape } from './shared/shapes.ts'
import { compareStrings } from './shared/strings.ts'

type ResultType = (a: DataType, b: DataType) => DataType

const number: ResultType = (a, b) => numeric(widerOf(a, b))
const float: ResultType = (a, b) => (widerOf(a, b) === 'complex64' ? 'complex64' : 'float32')
const bool: ResultType = () => 'bool'

export const binary: readonly TorchKernel[] = [
  row('Add', 'aten::add.Tensor', number),
  row('Atan2', 'aten::atan2', float),
  row('BitwiseAnd', 'aten::bitwise_and.Tensor', widerOf),
  row('Equal', 'aten::eq.Tensor', bool),
  row('Greater', 'aten::gt.Tensor', bool),
  row('GreaterEqual', 'aten::ge.Tensor', bool),
  row('Less', 'aten::lt.Tensor', bool),
  row('LessEqual', 'aten::le.Tensor', bool),
  row('LogicalAnd', 'aten::logical_and', bool),
  row('LogicalOr', 'aten::logical_or', bool),
  row('LogicalXor', 'aten::logical_xor', bool),
  row('Maximum', 'aten::maximum', number),
  row('Minimum', 'aten::minimum', number),
  row('Mod', 'aten::remainder.Tensor', number), // takes the divisor's sign, as tfjs
  row('Multiply', 'aten::mul.Tensor', number),
  row('NotEqual', 'aten::ne.Tensor', bool),
  row('Pow', 'aten::pow.Tensor_Tensor', number),
  row('RealDiv', 'aten::div.Tensor', float),
  row('Sub', 'aten::sub.Tensor', number),
]

function row(name: string, operator: string, resultType: ResultType): TorchKernel {
  return torchKernel<{ a: TensorInfo; b: TensorInfo }>(name, ({ inputs: { a, b }, backend }) => {
    if (a.dtype === 'string') return compareStrings(name, a, b, backend)
    const shape = broadcastShape(a.shape, b.shape)
    const dtype = resultType(a.dtype, b.dtype)
    const counts = dtype === 'int32' && a.dtype === 'bool' && b.dtype === 'bool'
    const handle = counts
      ? counting(operator, a, b, backend)
      : backend.run(operator, backend.handle(a), backend.handle(b))
    return backend.adopt(handle, shape, dtype)
  })
}

/** Arithmetic of two booleans: libtorch's would stay boolean, or is refused. */
function counting(operator: string, a: TensorInfo, b: TensorInfo, backend: TorchBackend): Handle {
  const number = backend.run('aten::to.dtype', backend.handle(a), scalarTypes.int32)
  try {
    return backend.run(operator, number, backend.handle(b))
  } finally {
    backend.addon.dispose(number)
  }
}
