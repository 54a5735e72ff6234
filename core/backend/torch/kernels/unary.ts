/** Functions of one tensor, element by element: one row a kernel. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import type { Argument } from '../binding.ts'
import { scalarTypes } from '../binding.ts'
import { numeric } from './shared/dtypes.ts'
import { torchKernel } from './shared/kernel.ts'
import type { TorchCall, TorchKernel } from './shared/kernel.ts'

type Attributes = Readonly<Record<string, number>>
type MoreArguments = (attrs: Attributes) => Argument[]
type ResultType = (x: DataType) => DataType

const float: ResultType = x => (x === 'complex64' ? x : 'float32')
const same: ResultType = numeric
const bool: ResultType = () => 'bool'
const none: MoreArguments = () => []

export const unary: readonly TorchKernel[] = [
  row('Abs', 'aten::abs', same),
  row('Acos', 'aten::acos', float),
  row('Acosh', 'aten::acosh', float),
  row('Asin', 'aten::asin', float),
  row('Asinh', 'aten::asinh', float),
  row('Atan', 'aten::atan', float),
  row('Atanh', 'aten::atanh', float),
  row('Ceil', 'aten::ceil', same),
  row('ClipByValue', 'aten::clamp', same, ({ clipValueMin, clipValueMax }) => [clipValueMin, clipValueMax]),
  row('Cos', 'aten::cos', float),
  row('Cosh', 'aten::cosh', float),
  row('Elu', 'aten::elu', float),
  row('Erf', 'aten::erf', float),
  row('Exp', 'aten::exp', float),
  row('Expm1', 'aten::expm1', float),
  row('Floor', 'aten::floor', same),
  row('IsFinite', 'aten::isfinite', bool),
  row('IsInf', 'aten::isinf', bool),
  row('IsNan', 'aten::isnan', bool),
  row('LeakyRelu', 'aten::leaky_relu', float, ({ alpha }) => [alpha]),
  row('Log', 'aten::log', float),
  row('Log1p', 'aten::log1p', float),
  row('LogicalNot', 'aten::logical_not', bool),
  row('Neg', 'aten::neg', same),
  row('Reciprocal', 'aten::reciprocal', float),
  row('Relu', 'aten::relu', same),
  row('Relu6', 'aten::clamp', same, () => [0, 6]),
  row('Round', 'aten::round', same), // half to even, as tfjs
  row('Rsqrt', 'aten::rsqrt', float),
  row('Selu', 'aten::selu', float),
  row('Sigmoid', 'aten::sigmoid', float),
  row('Sign', 'aten::sign', same),
  row('Sin', 'aten::sin', float),
  row('Sinh', 'aten::sinh', float),
  row('Softplus', 'aten::softplus', float),
  row('Sqrt', 'aten::sqrt', float),
  row('Square', 'aten::square', same),
  row('Tan', 'aten::tan', float),
  row('Tanh', 'aten::tanh', float),
]

function row(
  name: string,
  operator: string,
  resultType: ResultType,
  more: MoreArguments = none,
): TorchKernel {
  return torchKernel<{ x: TensorInfo }, Attributes>(name, ({ inputs: { x }, attrs, backend }) => {
    const dtype = resultType(x.dtype)
    if (isReady(x.dtype, dtype)) {
      return backend.adopt(backend.run(operator, backend.handle(x), ...more(attrs)), x.shape, dtype)
    }
    return converted({ inputs: { x }, attrs, backend }, operator, dtype, more)
  })
}

/** Whether libtorch computes this on the stored type as it is: not all does it on integers, and little on booleans. */
function isReady(from: DataType, to: DataType): boolean {
  return from === 'float32' || from === 'complex64' || to === 'bool' || from === to
}

function converted(
  { inputs: { x }, attrs, backend }: TorchCall<{ x: TensorInfo }, Attributes>,
  operator: string,
  dtype: DataType,
  more: MoreArguments,
): TensorInfo {
  const type = dtype === 'int32' ? scalarTypes.int32 : scalarTypes.float32
  const input = backend.run('aten::to.dtype', backend.handle(x), type)
  try {
    return backend.adopt(backend.run(operator, input, ...more(attrs)), x.shape, dtype)
  } finally {
    backend.addon.dispose(input)
  }
}
