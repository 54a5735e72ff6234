/** Convolutions, pools and their gradients on wasm over random geometries, compared with plain JavaScript. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBackend } from '../../core/backend/index.ts'
import { convolutionInfo } from '../../core/backend/kernels/shared/convolution.ts'
import type { Pad } from '../../core/backend/kernels/shared/convolution.ts'
import { poolInfo } from '../../core/backend/kernels/shared/pooling.ts'
import { computeHere, largestError, noise } from './cases.ts'
import type { Call } from './cases.ts'

const geometryCount = 300
const largestRelativeError = 3e-6

interface Geometry {
  /** [N,H,W,Cin] */
  readonly shape: readonly number[]
  /** [kh,kw] */
  readonly filter: [number, number]
  readonly strides: [number, number]
  readonly pad: Pad
  readonly outChannels: number
}

test(`${geometryCount} random geometries agree with plain JavaScript`, async () => {
  const calls = randomGeometries(geometryCount, 2026).flatMap(each => [...convolutions(each), ...pools(each)])
  await startBackend('cpu')
  const expected: Float32Array[][] = []
  for (const call of calls) expected.push(await computeHere(call))
  await startBackend('wasm')
  const wrong: string[] = []
  for (const [index, call] of calls.entries()) {
    const error = largestError(await computeHere(call), expected[index]!)
    if (!(error < largestRelativeError)) wrong.push(`${call.label}: relative error ${error}`)
  }
  assert.deepEqual(wrong, [])
})

function randomGeometries(count: number, seed: number): Geometry[] {
  const draw = uniformIntegers(seed)
  const made: Geometry[] = []
  while (made.length < count) {
    const filter: [number, number] = [draw(1, 7), draw(1, 7)]
    const strides: [number, number] = [draw(1, 3), draw(1, 3)]
    // A border on every other one.
    const most = draw(0, 1) === 0 ? 0 : 4
    const [top, bottom, left, right] = [draw(0, most), draw(0, most), draw(0, most), draw(0, most)]
    const shape = [draw(1, 4), draw(1, 12), draw(1, 12), draw(1, 33)]
    const fits = shape[1]! + top + bottom >= filter[0] && shape[2]! + left + right >= filter[1]
    if (!fits) continue
    const pad: Pad = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]
    made.push({ shape, filter, strides, pad, outChannels: draw(1, 33) })
  }
  return made
}

/** Whole numbers from `least` to `most` that depend on the seed alone (xorshift). */
function uniformIntegers(seed: number): (least: number, most: number) => number {
  let state = seed
  return (least, most) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return least + ((state >>> 0) % (most - least + 1))
  }
}

function convolutions({ shape, filter: [height, width], strides, pad, outChannels }: Geometry): Call[] {
  const filterShape = [height, width, shape[3]!, outChannels]
  const attributes = { strides, pad, dataFormat: 'NHWC' as const }
  const { outShape } = convolutionInfo(shape, filterShape, attributes)
  const [x, filter, dy] = [noise(shape, 1), noise(filterShape, 2), noise(outShape, 3)]
  const label = (kernel: string): string => labelOf(kernel, shape, [height, width, outChannels], strides, pad)
  return [
    {
      kernel: 'Conv2D',
      label: label('Conv2D'),
      inputs: { x, filter },
      attributes: { ...attributes, dilations: [1, 1] },
    },
    {
      kernel: 'Conv2DBackpropInput',
      label: label('Conv2DBackpropInput'),
      inputs: { dy, filter },
      attributes: { ...attributes, inputShape: shape },
    },
    {
      kernel: 'Conv2DBackpropFilter',
      label: label('Conv2DBackpropFilter'),
      inputs: { x, dy },
      attributes: { ...attributes, filterShape },
    },
  ]
}

function pools({ shape, filter, strides, pad }: Geometry): Call[] {
  const attributes = { filterSize: filter, strides, pad }
  const { outShape } = poolInfo(shape, attributes)
  const [input, dy] = [noise(shape, 4), noise(outShape, 5)]
  return [
    {
      kernel: 'MaxPoolGrad',
      label: labelOf('MaxPoolGrad', shape, filter, strides, pad),
      inputs: { dy, input, output: dy },
      attributes,
    },
    {
      kernel: 'AvgPoolGrad',
      label: labelOf('AvgPoolGrad', shape, filter, strides, pad),
      inputs: { dy, input },
      attributes,
    },
  ]
}

function labelOf(
  kernel: string,
  shape: readonly number[],
  filter: readonly number[],
  strides: readonly number[],
  pad: Pad,
): string {
  return `${kernel} ${filter.join('x')} stride ${strides.join('x')} pad ${JSON.stringify(pad)} of ${shape.join('x')}`
}
