/** Small calls of every kernel that training and evaluation use: the self-test runs them on each backend. */

/** One call of a kernel, compared between backends. */
export interface KernelCase {
  readonly kernel: string
  /** The kernel and what sets this case apart. */
  readonly label: string
  /** By name, or a list for kernels of any number of inputs. */
  readonly inputs: Readonly<Record<string, CaseTensor>> | readonly CaseTensor[]
  readonly attributes: Readonly<Record<string, unknown>>
  /** Largest relative error ‖a − b‖₂ / ‖b‖₂. */
  readonly tolerance: number
}

/** A float32 tensor, its values in the order of the last dimension. */
export interface CaseTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const explicitPad = (amount: number): number[][] => [
  [0, 0],
  [amount, amount],
  [amount, amount],
  [0, 0],
]
const defaultTolerance = 1e-4

/** Every case, one kernel after the other. */
export const kernelCases: readonly KernelCase[] = [
  ...convolutionCases(),
  ...poolCases(),
  ...fusedCases(),
  ...otherCases(),
]

function convolutionCases(): KernelCase[] {
  const geometries = [
    { label: '3x3', size: 7, kernel: 3, stride: 1, pad: 1 },
    { label: '3x3 stride 2', size: 8, kernel: 3, stride: 2, pad: 1 },
    { label: '1x1', size: 5, kernel: 1, stride: 1, pad: 0 },
    { label: '1x1 stride 2', size: 6, kernel: 1, stride: 2, pad: 0 },
    { label: '7x7 stride 2', size: 13, kernel: 7, stride: 2, pad: 3 },
  ]
  return geometries.flatMap(({ label, size, kernel, stride, pad }) => {
    const out = Math.floor((size + 2 * pad - kernel) / stride) + 1
    const [xShape, filterShape, dyShape] = [
      [2, size, size, 3],
      [kernel, kernel, 3, 5],
      [2, out, out, 5],
    ]
    const shared = { strides: [stride, stride], pad: explicitPad(pad), dataFormat: 'NHWC' }
    const [x, filter, dy] = [noise(xShape, 1), noise(filterShape, 2), noise(dyShape, 3)]
    return [
      make('Conv2D', label, { x, filter }, { ...shared, dilations: [1, 1] }),
      make('Conv2DBackpropInput', label, { dy, filter }, { ...shared, inputShape: xShape }),
      make('Conv2DBackpropFilter', label, { x, dy }, { ...shared, filterShape }),
    ]
  })
}

function poolCases(): KernelCase[] {
  const window = { filterSize: [3, 3], strides: [2, 2], pad: explicitPad(1) }
  const mean = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' }
  const [x, y] = [noise([2, 8, 8, 3], 4), noise([2, 4, 4, 3], 5)]
  return [
    make('MaxPool', '3x3 stride 2', { x }, window),
    make('AvgPool', '2x2 stride 2', { x }, mean),
    make('MaxPoolGrad', '3x3 stride 2', { dy: y, input: x, output: y }, window),
    make('AvgPoolGrad', '2x2 stride 2', { dy: y, input: x }, mean),
  ]
}

function fusedCases(): KernelCase[] {
  const shape = [2, 4, 4, 8]
  const [x, dy, y, addend] = [20, 21, 22, 23].map(seed => noise(shape, seed)) as [
    CaseTensor,
    CaseTensor,
    CaseTensor,
    CaseTensor,
  ]
  const [gamma, shift, mean] = [24, 25, 26].map(seed => noise([8], seed)) as [
    CaseTensor,
    CaseTensor,
    CaseTensor,
  ]
  const forward = { x, gamma, beta: shift, runningMean: mean, runningVariance: positive(mean) }
  const training = { epsilon: 1e-5, momentum: 0.1, training: true }
  const pooled = noise([2, 8], 28)
  const withoutOutput = { dy, x, gamma, mean, inverseStd: positive(noise([8], 27)) }
  const norm = { ...withoutOutput, y }
  const step = { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }
  const { weightDecay, ...rest } = step
  const many = { ...rest, weightDecays: [weightDecay, 0], gradientScale: 0.5 }
  return [
    make('ChannelMoments', '', { x }, {}),
    make('ScaleShift', '', { x, scale: gamma, shift, addend }, { relu: true }),
    make('FusedBatchNormGrad', '', norm, { relu: true, addend: true }),
    make('BatchNorm', '', { ...forward, addend }, { ...training, relu: true }),
    make('FusedBatchNormGrad', 'sign from x', { ...withoutOutput, beta: shift }, { relu: true }),
    make('GemPool', '', { x }, { p: 3, floor: 1e-6 }),
    make('GemPoolGrad', '', { dy: pooled, x, y: positive(pooled) }, { p: 3, floor: 1e-6, ofPower: true }),
    make('ReluGrad', '', { dy, y }, {}),
    make('SgdUpdate', '', { value: x, gradient: dy, velocity: y }, step),
    make('SgdUpdateMany', '', [x, gamma, dy, shift, y, mean], many),
    make('AllFinite', '', [x, gamma, dy], {}),
    make('SymmetricInverse', '', { x: definite() }, {}),
    make('BlockProduct', '', { a: noise([2, 6, 5], 31), b: noise([2, 5, 5], 32) }, {}),
    ...['bfloat16', 'float16'].map(storage => make('StorageCast', storage, { x }, { storage })),
  ]
}

function otherCases(): KernelCase[] {
  const [x, other, channel] = [noise([2, 4, 4, 6], 6), noise([2, 4, 4, 6], 7), noise([6], 8)]
  const [a, b] = [noise([1, 5, 7], 9), noise([1, 7, 4], 10)]
  const logits = noise([4, 10], 11)
  // As many as the parameters of a network, which decay sums; more than a GPU's kernel can read at a time.
  const many = Array.from({ length: 70 }, (_, index) => noise([3], 30 + index))
  const binary = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'SquaredDifference']
  const unary = ['Relu', 'Exp', 'Square', 'Neg', 'Abs']
  return [
    ...binary.map(kernel => make(kernel, 'same shape', { a: x, b: other }, {})),
    ...['Add', 'Sub', 'Multiply'].map(kernel => make(kernel, 'per channel', { a: x, b: channel }, {})),
    ...unary.map(kernel => make(kernel, '', { x }, {})),
    make('Step', '', { x }, { alpha: 0 }),
    make('Rsqrt', '', { x: positive(channel) }, {}),
    make('Sqrt', '', { x: positive(channel) }, {}),
    make('Log', '', { x: positive(channel) }, {}),
    make('Sum', 'last axis', { x: logits }, { axis: [1], keepDims: false }),
    make('Mean', 'last axis', { x: logits }, { axis: [1], keepDims: false }),
    make('Max', 'last axis', { x: logits }, { reductionIndices: [1], keepDims: false }),
    make('Softmax', '', { logits }, { dim: 1 }),
    make('BatchMatMul', 'a b', { a, b }, { transposeA: false, transposeB: false }),
    make('BatchMatMul', 'aᵀ b', { a: noise([1, 7, 5], 12), b }, { transposeA: true, transposeB: false }),
    make('BatchMatMul', 'a bᵀ', { a, b: noise([1, 4, 7], 13) }, { transposeA: false, transposeB: true }),
    make('Transpose', '', { x }, { perm: [3, 1, 2, 0] }),
    make('PadV2', '', { x }, { paddings: explicitPad(1), constantValue: 0 }),
    make('Slice', '', { x }, { begin: [0, 1, 1, 0], size: [2, 2, 3, 6] }),
    make('Concat', '', [x, other], { axis: 3 }),
    make('Concat', 'many', many, { axis: 0 }),
    make('AddN', 'few', [x, other], {}),
    make('AddN', 'many', many, {}),
  ]
}

function make(
  kernel: string,
  detail: string,
  inputs: KernelCase['inputs'],
  attributes: Record<string, unknown>,
): KernelCase {
  const label = detail === '' ? kernel : `${kernel} ${detail}`
  return { kernel, label, inputs, attributes, tolerance: defaultTolerance }
}

/** Values from −1 to 1 that depend on the seed alone. */
function noise(shape: readonly number[], seed: number): CaseTensor {
  const size = shape.reduce((product, length) => product * length, 1)
  const values = Float32Array.from({ length: size }, (_, index) => {
    const wave = Math.sin(index * 12.9898 + seed * 78.233) * 43758.5453
    return 2 * (wave - Math.floor(wave)) - 1
  })
  return { shape, values }
}

function positive({ shape, values }: CaseTensor): CaseTensor {
  return { shape, values: values.map(value => Math.abs(value) + 0.1) }
}

/** Two symmetric matrices with a large diagonal. */
function definite(): CaseTensor {
  const side = 5
  const values = Float32Array.from({ length: 2 * side * side }, (_, index) => {
    const [row, column] = [Math.floor(index / side) % side, index % side]
    return row === column ? 2 + row : 1 / (2 + Math.abs(row - column))
  })
  return { shape: [2, side, side], values }
}
