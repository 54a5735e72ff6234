/**
 * Convolutions of the backend torch, forward and both gradients, against libtorch's own in float64: our kernels where they compute
 * (AVX-512), and the composition that runs everywhere else.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { backend_util } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../../core/backend/torch/binding.ts'
import type { ConvolutionGeometry, Handle, TorchAddon } from '../../core/backend/torch/binding.ts'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { noise } from './cases.ts'
import { withoutTorch } from './torchAddon.ts'

type Pair = readonly [number, number]

interface Shapes {
  readonly x: readonly [number, number, number, number]
  readonly filter: readonly [number, number, number, number]
  readonly stride: Pair
  /** Top, bottom, left, right. */
  readonly pad: readonly [number, number, number, number]
}

const around = (amount: number): Shapes['pad'] => [amount, amount, amount, amount]
const shape = (
  x: Shapes['x'],
  filter: Shapes['filter'],
  stride: number | Pair = 1,
  pad: number | Shapes['pad'] = 0,
): Shapes => ({
  x,
  filter,
  stride: typeof stride === 'number' ? [stride, stride] : stride,
  pad: typeof pad === 'number' ? around(pad) : pad,
})

const all: readonly Shapes[] = [
  // Products of pixels: channels that fill tiles and words, and that do not.
  shape([2, 8, 8, 64], [1, 1, 64, 96]),
  shape([3, 5, 7, 33], [1, 1, 33, 17]),
  shape([1, 1, 1, 7], [1, 1, 7, 9]),
  shape([1, 6, 6, 1100], [1, 1, 1100, 40]),
  shape([2, 9, 8, 40], [1, 1, 40, 24], 2),
  shape([2, 6, 6, 16], [1, 1, 16, 16], 1, 1),
  // The first layers of networks.
  shape([2, 21, 20, 3], [7, 7, 3, 64], 2, 3),
  shape([2, 12, 12, 1], [5, 5, 1, 12], 1, 2),
  // TensorFlow's padding: less on the first side than on the last.
  shape([2, 8, 8, 32], [3, 3, 32, 48], 2, [0, 1, 0, 1]),
  shape([1, 7, 10, 5], [4, 4, 5, 8], [1, 3], [1, 2, 0, 3]),
  // Strides that leave pixels out.
  shape([1, 10, 11, 8], [2, 2, 8, 9], 3),
  shape([2, 9, 9, 12], [1, 1, 12, 16], 3),
  shape([1, 6, 7, 4], [3, 2, 4, 8], [4, 1], [1, 1, 0, 0]),
  shape([1, 7, 7, 300], [3, 3, 300, 40], 2, 1),
  // 3x3 of stride 1, which Winograd's algorithm takes when channels come by the 32.
  shape([2, 8, 8, 64], [3, 3, 64, 32], 1, 1),
  shape([3, 7, 9, 32], [3, 3, 32, 96], 1, 1),
  shape([1, 1, 1, 32], [3, 3, 32, 32], 1, 1),
  shape([2, 6, 5, 32], [3, 3, 32, 64]),
  shape([1, 5, 6, 64], [3, 3, 64, 32], 1, [2, 2, 2, 2]),
  shape([1, 6, 6, 32], [3, 3, 32, 32], 1, [1, 0, 0, 2]),
  shape([1, 14, 14, 288], [3, 3, 288, 64], 1, 1),
  shape([2, 9, 9, 24], [3, 3, 24, 20], 1, 1),
  // Filters of one line, which Winograd's algorithm takes in float32: pieces that fit and that do not, all paddings.
  shape([2, 7, 17, 64], [1, 7, 64, 96], 1, [0, 0, 3, 3]),
  shape([3, 16, 5, 32], [7, 1, 32, 64], 1, [3, 3, 0, 0]),
  shape([1, 4, 11, 64], [1, 7, 64, 32]),
  shape([1, 9, 4, 32], [7, 1, 32, 32], 1, [6, 1, 0, 0]),
  shape([2, 1, 1, 32], [1, 7, 32, 32], 1, [0, 0, 3, 3]),
  shape([2, 8, 8, 96], [1, 3, 96, 64], 1, [0, 0, 1, 1]),
  shape([3, 8, 7, 64], [3, 1, 64, 288], 1, [1, 1, 0, 0]),
  shape([1, 5, 7, 32], [3, 1, 32, 32]),
  shape([1, 5, 9, 320], [1, 3, 320, 32], 1, [0, 0, 0, 2]),
  // 3x3 of stride 2, in float32 too.
  shape([2, 13, 15, 32], [3, 3, 32, 64], 2),
  shape([2, 12, 9, 64], [3, 3, 64, 32], 2, 1),
  shape([1, 14, 14, 288], [3, 3, 288, 96], 2, [0, 1, 0, 1]),
  shape([1, 1, 2, 32], [3, 3, 32, 32], 2, 1),
  shape([3, 26, 27, 32], [3, 3, 32, 32], 2, [2, 2, 0, 1]),
  // And those it does not take.
  shape([1, 6, 9, 32], [1, 7, 32, 32], 1, [1, 1, 3, 3]),
  shape([1, 6, 9, 32], [1, 3, 32, 32], [1, 2], [0, 0, 1, 1]),
]

/** Twice the error of one rounding; Winograd's transforms round what they multiply too. */
const largestErrors = { float32: 2e-6, bfloat16: 6e-3 } as const
type Storage = keyof typeof largestErrors

describe('convolutions of the backend torch', { skip: withoutTorch }, () => {
  let addon: TorchAddon
  const threads: number[] = []
  before(() => {
    addon = loadAddon()
    threads.push(addon.version().threads)
  })
  after(() => {
    addon.setCompositionOnly(false)
    addon.setThreads(threads[0]!)
  })

  for (const isComposed of [false, true]) {
    for (const storage of ['float32', 'bfloat16'] as const) {
      const way = isComposed ? "libtorch's operators" : 'our kernels'
      test(`${way} on ${storage} agree with float64`, () => {
        addon.setCompositionOnly(isComposed)
        const wrong: string[] = []
        for (const each of all) {
          const expected = inFloat64(addon, each, storage)
          const actual = asStored(addon, each, storage)
          for (const [pass, values] of Object.entries(actual)) {
            const error = relativeError(values, expected[pass as keyof Passes])
            if (!(error < largestErrors[storage])) wrong.push(`${pass} of ${labelOf(each)}: ${error}`)
          }
        }
        assert.deepEqual(wrong, [])
      })
    }
  }

  test('the number of threads changes no bit', () => {
    addon.setCompositionOnly(false)
    const inThreads = (count: number, each: Shapes, storage: Storage): Passes => {
      addon.setThreads(count)
      return asStored(addon, each, storage)
    }
    // With fewer channels libtorch computes, whose sums are another with each number of threads.
    const ours = all.filter(({ filter: [, , input, output] }) => Math.min(input, output) >= 32)
    for (const each of [
      ...ours,
      shape([4, 28, 28, 64], [1, 1, 64, 64]),
      shape([4, 28, 28, 32], [3, 3, 32, 32], 1, 1),
    ]) {
      for (const storage of ['float32', 'bfloat16'] as const)
        assert.deepEqual(inThreads(1, each, storage), inThreads(3, each, storage), labelOf(each))
    }
  })

  test('an empty batch gives empty images and a gradient of zeros', () => {
    const { forward, inputGradient, filterGradient } = asStored(
      addon,
      shape([0, 6, 6, 32], [3, 3, 32, 32], 1, 1),
      'float32',
    )
    assert.equal(forward.length, 0)
    assert.equal(inputGradient.length, 0)
    assert.ok(filterGradient.length === 9 * 32 * 32 && filterGradient.every(value => value === 0))
  })

  test('gradients of another shape than the output are refused', () => {
    const [dy, filter] = [
      addon.create(new Float32Array(8), [1, 2, 2, 2], float),
      weightsOf(addon, [1, 1, 3, 2]),
    ]
    const geometry = [1, 1, 0, 0, 3, 3] as const
    assert.throws(() => addon.convolveInputGradient(dy, filter, [1, 3, 3, 3], geometry), {
      code: 'argument',
      message: /expected dy of shape \[1, 3, 3, 2\], got \[1, 2, 2, 2\]/,
    })
    for (const handle of [dy, filter]) addon.dispose(handle)
  })
})

const float = scalarTypes.float32

interface Passes {
  readonly forward: Float32Array
  readonly inputGradient: Float32Array
  readonly filterGradient: Float32Array
}

function geometryOf({ x, filter, stride, pad }: Shapes): ConvolutionGeometry {
  const [top, bottom, left, right] = pad
  const padding: backend_util.ExplicitPadding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]
  const info = backend_util.computeConv2DInfo([...x], [...filter], [...stride], 1, padding)
  return [...stride, top, left, info.outHeight, info.outWidth]
}

function outShapeOf(each: Shapes): number[] {
  const [, , , , height, width] = geometryOf(each)
  return [each.x[0], height, width, each.filter[3]]
}

/** Through our functions. */
function asStored(addon: TorchAddon, each: Shapes, storage: Storage): Passes {
  const [x, filter, dy] = inputsOf(addon, each, storage)
  const geometry = geometryOf(each)
  return {
    forward: taken(addon, addon.convolve(x, filter, geometry)),
    inputGradient: taken(addon, addon.convolveInputGradient(dy, filter, each.x, geometry)),
    filterGradient: taken(addon, addon.convolveFilterGradient(x, dy, each.filter, geometry), [x, filter, dy]),
  }
}

/** Through libtorch's operators, on the same rounded values. */
function inFloat64(addon: TorchAddon, each: Shapes, storage: Storage): Passes {
  const run = (
    name: string,
    ...args: Parameters<TorchAddon['call']> extends [number, ...infer A] ? A : never
  ): Handle[] => [addon.call(addon.op(name), ...args)].flat() as Handle[]
  const double = (handle: Handle): Handle => run('aten::to.dtype', handle, scalarTypes.float64)[0]!
  const permuted = (handle: Handle, order: readonly number[]): Handle =>
    run('aten::permute', handle, order)[0]!
  const [x, filter, dy] = inputsOf(addon, each, storage).map(double) as [Handle, Handle, Handle]
  const [top, bottom, left, right] = each.pad
  const first = [0, 3, 1, 2]
  const last = [0, 2, 3, 1]
  const images = run('aten::constant_pad_nd', permuted(x, first), [left, right, top, bottom], 0)[0]!
  const weights = permuted(filter, [3, 2, 0, 1])
  const rest = [each.stride, [0, 0], [1, 1], false, [0, 0], 1] as const
  const y = run('aten::convolution', images, weights, null, ...rest)[0]!
  const [dx, df] = run('aten::convolution_backward', permuted(dy, first), images, weights, null, ...rest, [
    true,
    true,
    false,
  ])
  const rows = run('aten::narrow', dx!, 2, top, each.x[1])[0]!
  const cropped = run('aten::narrow', rows, 3, left, each.x[2])[0]!
  return {
    forward: addon.read(permuted(y, last)) as Float32Array,
    inputGradient: addon.read(permuted(cropped, last)) as Float32Array,
    filterGradient: addon.read(permuted(df!, [2, 3, 1, 0])) as Float32Array,
  }
}

/** x, filter and dy; filters are float32 whatever images are stored as, with values that bfloat16 has. */
function inputsOf(addon: TorchAddon, each: Shapes, storage: Storage): [Handle, Handle, Handle] {
  const stored = (handle: Handle, type: number): Handle =>
    addon.call(addon.op('aten::to.dtype'), handle, type) as Handle
  const make = (shape: readonly number[], seed: number): Handle =>
    stored(addon.create(noise(shape, seed).values, shape, float), scalarTypes[storage])
  return [make(each.x, 1), stored(make(each.filter, 2), float), make(outShapeOf(each), 3)]
}

function weightsOf(addon: TorchAddon, shape: readonly number[]): Handle {
  return addon.create(noise(shape, 1).values, shape, float)
}

/** Reads and frees. */
function taken(addon: TorchAddon, handle: Handle, others: readonly Handle[] = []): Float32Array {
  const values = addon.read(handle) as Float32Array
  for (const each of [handle, ...others]) addon.dispose(each)
  return values
}

/** ‖actual − expected‖₂ / ‖expected‖₂ */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity
  let [difference, norm] = [0, 0]
  for (const [index, value] of expected.entries()) {
    difference += (actual[index]! - value) ** 2
    norm += value ** 2
  }
  return norm === 0 ? difference : Math.sqrt(difference / norm)
}

function labelOf({ x, filter, stride, pad }: Shapes): string {
  return `x [${x}], filter [${filter}], stride [${stride}], padding [${pad}]`
}
