/**
 * A backend that computes nothing: every kernel returns a tensor of the right shape without values. With it a step of a large
 * network at full size shows in a moment which tensors live when.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { DataType, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core'

type DataId = TensorInfo['dataId']
type Tensors = Readonly<Record<string, TensorInfo>>
/** Attributes as the kernels below read them. */
interface Attributes {
  readonly [name: string]: unknown
  readonly shape: number[]
  readonly dtype: DataType
  readonly strides: [number, number]
  readonly pad: number
  readonly filterSize: [number, number]
}
type Shape = (inputs: Tensors, attributes: Attributes) => number[]

/** Registers the backend `null` and its kernels. */
export function registerNullBackend(): void {
  tf.registerBackend('null', () => new NullBackend())
  for (const [kernelName, shape] of Object.entries(shapes))
    register(kernelName, (inputs, attributes) => [shape(inputs, attributes)])
  for (const [kernelName, manyShapes] of Object.entries(manyOutputs)) register(kernelName, manyShapes)
  for (const kernelName of [tf.Identity, tf.Reshape, tf.ExpandDims]) registerView(kernelName)
}

/**
 * The most bytes of tensors that were alive at once while `run` ran, those from before included.
 * The engine is asked each time it registers a tensor.
 */
export function peakBytesOf(run: () => void): number {
  const engine = tf.engine() as unknown as { trackTensor: (...args: unknown[]) => void }
  const { trackTensor } = engine
  let peak = tf.memory().numBytes
  engine.trackTensor = function (...args) {
    trackTensor.apply(engine, args)
    peak = Math.max(peak, tf.memory().numBytes)
  }
  try {
    run()
  } finally {
    engine.trackTensor = trackTensor
  }
  return peak
}

class NullBackend extends tf.KernelBackend {
  private readonly references = new Map<DataId, number>()

  override write(): DataId {
    const id = {}
    this.references.set(id, 1)
    return id
  }

  override incRef(id: DataId): void {
    this.references.set(id, this.refCount(id) + 1)
  }

  override refCount(id: DataId): number {
    return this.references.get(id) ?? 0
  }

  override disposeData(id: DataId, force = false): boolean {
    const left = this.refCount(id) - 1
    this.references.set(id, left)
    if (left > 0 && !force) return false
    return this.references.delete(id)
  }

  override numDataIds(): number {
    return this.references.size
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false }
  }

  override epsilon(): number {
    return 1e-7
  }

  override floatPrecision(): 32 {
    return 32
  }
}

const broadcast: Shape = ({ a, b }) => tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape)
const same: Shape = ({ x }) => x!.shape
const likeInput: Shape = ({ input }) => input!.shape

const shapes: Readonly<Record<string, Shape>> = {
  [tf.Add]: broadcast,
  [tf.Sub]: broadcast,
  [tf.Multiply]: broadcast,
  [tf.RealDiv]: broadcast,
  [tf.Cast]: same,
  [tf.Neg]: same,
  [tf.Exp]: same,
  [tf.Log]: same,
  [tf.Sqrt]: same,
  [tf.Square]: same,
  [tf.Step]: same,
  [tf.Relu]: same,
  [tf.ZerosLike]: same,
  [tf.OnesLike]: same,
  [tf.Fill]: (_inputs, { shape }) => shape,
  [tf.Sum]: reduced,
  [tf.Mean]: reduced,
  [tf.Max]: reduced,
  [tf.OneHot]: ({ indices }, { depth }) => [...indices!.shape, depth as number],
  [tf.Tile]: ({ x }, { reps }) => x!.shape.map((side, axis) => side * (reps as number[])[axis]!),
  [tf.Transpose]: ({ x }, { perm }) => (perm as number[]).map(axis => x!.shape[axis]!),
  [tf.BatchMatMul]: matMul,
  [tf.Conv2D]: ({ x, filter }, { strides, pad }) =>
    tf.backend_util.computeConv2DInfo(four(x!), four(filter!), strides, 1, pad, 'floor').outShape,
  [tf.Conv2DBackpropInput]: (_inputs, { inputShape }) => inputShape as number[],
  [tf.Conv2DBackpropFilter]: (_inputs, { filterShape }) => filterShape as number[],
  [tf.MaxPool]: pooled,
  [tf.AvgPool]: pooled,
  [tf.MaxPoolGrad]: likeInput,
  [tf.AvgPoolGrad]: likeInput,
  ScaleShift: same,
  ReluGrad: ({ dy }) => dy!.shape,
}

const manyOutputs: Readonly<Record<string, (inputs: Tensors, attributes: Attributes) => number[][]>> = {
  ChannelMoments: ({ x }) => [channels(x!), channels(x!)],
  FusedBatchNormGrad: ({ x }, { addend }) => [
    x!.shape,
    channels(x!),
    channels(x!),
    ...(addend ? [x!.shape] : []),
  ],
}

function register(
  kernelName: string,
  shapesOf: (inputs: Tensors, attributes: Attributes) => number[][],
): void {
  const run = ({ inputs, attrs }: { inputs: Tensors; attrs: Attributes }): TensorInfo | TensorInfo[] => {
    const dtype =
      kernelName === tf.Cast || kernelName === tf.OneHot || kernelName === tf.Fill ? attrs.dtype : 'float32'
    const made = shapesOf(inputs, attrs).map(shape => ({ dataId: write(), shape, dtype }))
    return kernelName in manyOutputs ? made : made[0]!
  }
  tf.registerKernel({ kernelName, backendName: 'null', kernelFunc: run as unknown as KernelFunc })
}

/** Kernels whose output shares the input's data. */
function registerView(kernelName: string): void {
  const run = ({ inputs, attrs }: { inputs: Tensors; attrs: Attributes }): TensorInfo => {
    const input = Object.values(inputs)[0]!
    ;(tf.backend() as NullBackend).incRef(input.dataId)
    const size = input.shape.reduce((product, side) => product * side, 1)
    const shape = kernelName === tf.Reshape ? tf.util.inferFromImplicitShape(attrs.shape, size) : input.shape
    return { dataId: input.dataId, shape, dtype: input.dtype }
  }
  tf.registerKernel({ kernelName, backendName: 'null', kernelFunc: run as unknown as KernelFunc })
}

function write(): DataId {
  return (tf.backend() as NullBackend).write()
}

function reduced({ x }: Tensors, { axis, keepDims }: Attributes): number[] {
  const axes = tf.util.parseAxisParam(axis as number[], x!.shape)
  const [outer] = tf.backend_util.computeOutAndReduceShapes(x!.shape, axes)
  return keepDims ? tf.backend_util.expandShapeToKeepDim(outer, axes) : outer
}

function matMul({ a, b }: Tensors, { transposeA, transposeB }: Attributes): number[] {
  const [aRows = 0, aColumns = 0] = a!.shape.slice(-2)
  const [bRows = 0, bColumns = 0] = b!.shape.slice(-2)
  return [...a!.shape.slice(0, -2), transposeA ? aColumns : aRows, transposeB ? bRows : bColumns]
}

function pooled({ x }: Tensors, { filterSize, strides, pad }: Attributes): number[] {
  return tf.backend_util.computePool2DInfo(four(x!), filterSize, strides, 1, pad, 'floor').outShape
}

function channels({ shape }: TensorInfo): number[] {
  return [shape.at(-1)!]
}

function four({ shape }: TensorInfo): [number, number, number, number] {
  return shape as [number, number, number, number]
}
