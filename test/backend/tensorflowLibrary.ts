/**
 * A stand-in for TensorFlow's native library under the real JavaScript of tfjs-node: its operations, named and called as
 * TensorFlow's, compute with tfjs's cpu kernels. As the library does, it refuses tensors of different types and arrays that do
 * not fit their shape, and every operation that it does not know.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { backend_util, getKernel, registerBackend, util } from '@tensorflow/tfjs-core'
import type { DataType, KernelBackend, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core'
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type { BackendEntry } from '../../core/backend/index.ts'
import { tensorflowBackend } from '../../core/backend/backends/tensorflow.ts'

type Values = Float32Array | Int32Array | Uint8Array
interface Held {
  readonly shape: number[]
  readonly dtype: DataType
  readonly values: Values
}
type Attributes = Readonly<Record<string, unknown>>
interface KernelCall {
  readonly kernel: string
  readonly inputs: Readonly<Record<string, Held>> | readonly Held[]
  readonly attrs?: object
}
type Operation = (inputs: readonly Held[], attributes: Attributes) => KernelCall | Held

const dtypes = { 1: 'float32', 3: 'int32', 10: 'bool' } as const
type TypeNumber = keyof typeof dtypes
const numbers: Readonly<Record<string, number>> = { float32: 1, int32: 3, bool: 10 }
const arrayTypes = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const

/**
 * The workbench's backend `tensorflow` over tfjs-node with the stand-in. Call it before our kernels are registered for `cpu`.
 *
 * @param folder an empty one, which becomes an installed package.
 */
export async function tensorflowStandIn(folder: string): Promise<BackendEntry> {
  await mkdir(join(folder, 'deps', 'lib'), { recursive: true })
  await mkdir(join(folder, 'lib', 'napi-v8'), { recursive: true })
  await writeFile(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), '')
  const binding = createBinding()
  let isLoaded = false
  const load = (): void => {
    if (!isLoaded) loadPackage(binding)
    isLoaded = true
  }
  const loader = Object.assign(load, { resolve: () => join(folder, 'package.json') })
  return tensorflowBackend(loader, async () => null)
}

/** What the package does when it is loaded. */
function loadPackage(binding: object): void {
  const require = createRequire(import.meta.url)
  const folder = '@tensorflow/tfjs-node-gpu/dist'
  require(`${folder}/register_all_kernels`)
  const { NodeJSKernelBackend } = require(`${folder}/nodejs_kernel_backend`) as {
    NodeJSKernelBackend: new (binding: object, name: string) => KernelBackend
  }
  registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'))
}

function createBinding(): object {
  const cpu = Object.assign(new MathBackendCPU(), { firstUse: false }) // else it prints an advertisement
  const kernels = new Map<string, KernelFunc>()
  const tensors = new Map<number, Held>()
  let lastId = 0
  const hold = (tensor: Held): number => {
    tensors.set(++lastId, tensor)
    return lastId
  }
  for (const name of cpuKernels) kernels.set(name, getKernel(name, 'cpu').kernelFunc)
  return {
    TF_FLOAT: 1,
    TF_INT32: 3,
    TF_BOOL: 10,
    TF_ATTR_STRING: 0,
    TF_ATTR_INT: 1,
    TF_ATTR_FLOAT: 2,
    TF_ATTR_BOOL: 3,
    TF_ATTR_TYPE: 4,
    isUsingGpuDevice: () => false,
    createTensor: (shape: number[], type: TypeNumber, values: Values) => {
      const dtype = dtypes[type]
      if (!(values instanceof arrayTypes[dtype])) throw new Error(`Tensor type does not match ${dtype}`)
      if (values.length !== util.sizeFromShape(shape)) throw new Error('Shape does not match typed-array')
      return hold({ shape, dtype, values })
    },
    deleteTensor: (id: number) => tensors.delete(id),
    tensorDataSync: (id: number) => tensors.get(id)!.values,
    executeOp: (name: string, list: { name: string; value: unknown }[], ids: number[]) => {
      const operation = operations[name]
      if (!operation) throw new Error(`The stand-in for TensorFlow lacks the operation ${name}`)
      const attributes = Object.fromEntries(list.map(each => [each.name, each.value]))
      const made = operation(
        ids.map(id => tensors.get(id)!),
        attributes,
      )
      const result = 'kernel' in made ? run(cpu, kernels.get(made.kernel)!, made) : made
      return [{ id: hold(result), shape: result.shape, dtype: numbers[result.dtype] }]
    },
  }
}

function run(cpu: MathBackendCPU, kernel: KernelFunc, { inputs, attrs = {} }: KernelCall): Held {
  const place = ({ shape, dtype, values }: Held): TensorInfo => cpu.makeTensorInfo(shape, dtype, values)
  const placed = Array.isArray(inputs)
    ? inputs.map(place)
    : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, place(input)]))
  const made = kernel({ inputs: placed, attrs, backend: cpu } as unknown as Parameters<KernelFunc>[0])
  const { shape, dtype, dataId } = made as TensorInfo
  const values = backendArray(cpu.readSync(dataId) as Values, dtype)
  for (const info of [...Object.values(placed), made as TensorInfo]) cpu.disposeData(info.dataId, true)
  return { shape, dtype, values }
}

function backendArray(values: Values, dtype: DataType): Values {
  if (dtype === 'int32') return Int32Array.from(values)
  return dtype === 'bool' ? Uint8Array.from(values) : Float32Array.from(values)
}

const numbersOf = ({ values }: Held): number[] => [...values]

function pair(kernel: string): Operation {
  return ([a, b]) => {
    if (a!.dtype !== b!.dtype)
      throw new Error(`${kernel}: expected one type, got ${a!.dtype} and ${b!.dtype}`)
    return { kernel, inputs: { a: a!, b: b! } }
  }
}

function single(kernel: string): Operation {
  return ([x]) => ({ kernel, inputs: { x: x! } })
}

function reduction(kernel: string, axis: string): Operation {
  return ([x, axes], { keep_dims: keepDims }) => ({
    kernel,
    inputs: { x: x! },
    attrs: { [axis]: numbersOf(axes!), keepDims },
  })
}

/** Strides and padding of TensorFlow's convolutions and pools in tfjs's form. */
function windowOf(attributes: Attributes): object {
  const [, down, right] = attributes['strides'] as number[]
  const [, height, width] = (attributes['ksize'] as number[] | undefined) ?? []
  const amounts = attributes['explicit_paddings'] as number[] | undefined
  const padding = attributes['padding'] as string
  const pad = amounts ? [0, 2, 4, 6].map(at => [amounts[at], amounts[at + 1]]) : padding.toLowerCase()
  return { strides: [down, right], filterSize: [height, width], pad, dataFormat: 'NHWC', dilations: [1, 1] }
}

const operations: Readonly<Record<string, Operation>> = {
  Add: pair('Add'),
  Sub: pair('Sub'),
  Mul: pair('Multiply'),
  RealDiv: pair('RealDiv'),
  Maximum: pair('Maximum'),
  SquaredDifference: pair('SquaredDifference'),
  Greater: pair('Greater'),
  GreaterEqual: pair('GreaterEqual'),
  Less: pair('Less'),
  Pow: pair('Pow'),
  Round: single('Round'),
  BatchMatMulV2: ([a, b], { adj_x: transposeA, adj_y: transposeB }) => ({
    kernel: 'BatchMatMul',
    inputs: { a: a!, b: b! },
    attrs: { transposeA, transposeB },
  }),
  Neg: single('Neg'),
  Abs: single('Abs'),
  Exp: single('Exp'),
  Log: single('Log'),
  Sqrt: single('Sqrt'),
  Rsqrt: single('Rsqrt'),
  Square: single('Square'),
  Relu: single('Relu'),
  IsNan: single('IsNan'),
  ZerosLike: single('ZerosLike'),
  OnesLike: single('OnesLike'),
  Sum: reduction('Sum', 'axis'),
  Mean: reduction('Mean', 'axis'),
  Max: reduction('Max', 'reductionIndices'),
  Softmax: ([logits]) => ({ kernel: 'Softmax', inputs: { logits: logits! }, attrs: { dim: -1 } }),
  Select: ([condition, t, e]) => ({ kernel: 'Select', inputs: { condition: condition!, t: t!, e: e! } }),
  Cast: ([x], { DstT }) => ({
    kernel: 'Cast',
    inputs: { x: x! },
    attrs: { dtype: dtypes[DstT as TypeNumber] },
  }),
  Reshape: ([x, shape]) => ({
    ...x!,
    shape: util.inferFromImplicitShape(numbersOf(shape!), x!.values.length),
  }),
  Fill: ([shape, value]) => filled(numbersOf(shape!), value!),
  AddN: inputs => ({ kernel: 'AddN', inputs }),
  Pack: (inputs, { axis }) => ({ kernel: 'Pack', inputs, attrs: { axis } }),
  ConcatV2: inputs => ({
    kernel: 'Concat',
    inputs: inputs.slice(0, -1),
    attrs: { axis: numbersOf(inputs.at(-1)!)[0] },
  }),
  Transpose: ([x, perm]) => ({ kernel: 'Transpose', inputs: { x: x! }, attrs: { perm: numbersOf(perm!) } }),
  Tile: ([x, reps]) => ({ kernel: 'Tile', inputs: { x: x! }, attrs: { reps: numbersOf(reps!) } }),
  Slice: ([x, begin, size]) => ({
    kernel: 'Slice',
    inputs: { x: x! },
    attrs: { begin: numbersOf(begin!), size: numbersOf(size!) },
  }),
  StridedSlice: ([x, begin, end, strides], masks) => ({
    kernel: 'StridedSlice',
    inputs: { x: x! },
    attrs: {
      begin: numbersOf(begin!),
      end: numbersOf(end!),
      strides: numbersOf(strides!),
      beginMask: masks['begin_mask'],
      endMask: masks['end_mask'],
      ellipsisMask: masks['ellipsis_mask'],
      newAxisMask: masks['new_axis_mask'],
      shrinkAxisMask: masks['shrink_axis_mask'],
    },
  }),
  PadV2: ([x, paddings, value]) => {
    const amounts = numbersOf(paddings!)
    const pairs = x!.shape.map((_, axis) => amounts.slice(2 * axis, 2 * axis + 2))
    return { kernel: 'PadV2', inputs: { x: x! }, attrs: { paddings: pairs, constantValue: value!.values[0] } }
  },
  OneHot: ([indices, depth, on, off]) => ({
    kernel: 'OneHot',
    inputs: { indices: indices! },
    attrs: {
      depth: depth!.values[0],
      onValue: on!.values[0],
      offValue: off!.values[0],
      dtype: on!.dtype,
    },
  }),
  Conv2D: ([x, filter], attributes) => ({
    kernel: 'Conv2D',
    inputs: { x: x!, filter: filter! },
    attrs: windowOf(attributes),
  }),
  Conv2DBackpropInput: ([inputShape, filter, dy], attributes) => ({
    kernel: 'Conv2DBackpropInput',
    inputs: { dy: dy!, filter: filter! },
    attrs: { ...windowOf(attributes), inputShape: numbersOf(inputShape!) },
  }),
  Conv2DBackpropFilter: ([x, filterShape, dy], attributes) => ({
    kernel: 'Conv2DBackpropFilter',
    inputs: { x: x!, dy: dy! },
    attrs: { ...windowOf(attributes), filterShape: numbersOf(filterShape!) },
  }),
  MaxPool: ([x], attributes) => ({ kernel: 'MaxPool', inputs: { x: x! }, attrs: windowOf(attributes) }),
  AvgPool: ([x], attributes) => ({ kernel: 'AvgPool', inputs: { x: x! }, attrs: windowOf(attributes) }),
  MaxPoolGrad: ([input, output, dy], attributes) => ({
    kernel: 'MaxPoolGrad',
    inputs: { dy: dy!, input: input!, output: output! },
    attrs: windowOf(attributes),
  }),
  AvgPoolGrad: ([inputShape, dy], attributes) =>
    averageGradient(numbersOf(inputShape!), dy!, windowOf(attributes)),
}

const cpuKernels = [
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'SquaredDifference', 'Greater', 'BatchMatMul', 'Neg'],
  ...['GreaterEqual', 'Less', 'Pow', 'Round'],
  ...[
    'Abs',
    'Exp',
    'Log',
    'Sqrt',
    'Rsqrt',
    'Square',
    'Relu',
    'IsNan',
    'ZerosLike',
    'OnesLike',
    'Sum',
    'Mean',
  ],
  ...['Max', 'Softmax', 'Select', 'Cast', 'Pack', 'Concat', 'Transpose', 'Tile', 'Slice', 'StridedSlice'],
  ...['PadV2', 'OneHot', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'MaxPool', 'AvgPool'],
  'MaxPoolGrad',
  'AddN',
]

function filled(shape: number[], value: Held): Held {
  const values = new (value.values.constructor as new (length: number) => Values)(util.sizeFromShape(shape))
  return { shape, dtype: value.dtype, values: values.fill(value.values[0]!) as Values }
}

/** TensorFlow's: every output's gradient is shared by the pixels of its window that lie inside the image. */
function averageGradient(inputShape: number[], dy: Held, window: object): Held {
  const { strides, filterSize, pad } = window as {
    strides: [number, number]
    filterSize: [number, number]
    pad: 'same'
  }
  const info = backend_util.computePool2DInfo(inputShape as never, filterSize, strides, 1, pad)
  const { inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info
  const values = new Float32Array(util.sizeFromShape(inputShape))
  const inside = (start: number, length: number, limit: number): number[] =>
    Array.from({ length }, (_, at) => start + at).filter(at => at >= 0 && at < limit)
  for (const [at, value] of dy.values.entries()) {
    const channel = at % inChannels
    const pixel = Math.floor(at / inChannels)
    const [column, row] = [pixel % outWidth, Math.floor(pixel / outWidth) % outHeight]
    const image = Math.floor(pixel / (outWidth * outHeight))
    const rows = inside(row * strides[0] - padInfo.top, filterSize[0], inHeight)
    const columns = inside(column * strides[1] - padInfo.left, filterSize[1], inWidth)
    for (const y of rows) {
      for (const x of columns) {
        const to = ((image * inHeight + y) * inWidth + x) * inChannels + channel
        values[to]! += value / (rows.length * columns.length)
      }
    }
  }
  return { shape: inputShape, dtype: 'float32', values }
}
