import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compute, largestError, noise } from './cases.ts'
import type { Call, Values } from './cases.ts'

// 16 and 48 channels run in groups of 16, 4 and 20 in groups of 4, 3 through the composition.
const shapes = [
  [2, 5, 7, 16],
  [3, 11, 13, 48],
  [2, 3, 3, 4],
  [200, 20],
  [4, 2, 2, 3],
]

for (const shape of shapes) {
  for (const call of callsOf(shape)) {
    test(`${call.label} of ${shape.join('x')}: wasm agrees with the composition on plain JavaScript`, async () => {
      const error = largestError(await compute('wasm', call), await compute('cpu', call))
      assert.ok(error < 1e-5, `relative error ${error}`)
    })
  }
}

test('the variance of values far from zero is exact to single precision', async () => {
  const { shape, values } = noise([64, 16, 16, 16], 1)
  const x = { shape, values: values.map(value => value + 1000) }
  const [, variance] = await compute('wasm', {
    kernel: 'ChannelMoments',
    label: 'far from zero',
    inputs: { x },
  })
  const expected = momentsInDouble(x)
  const error = largestError([variance!], [Float32Array.from(expected)])
  assert.ok(error < 1e-5, `relative error ${error}`)
})

test('NaN and infinity go through ReLU and scaling', async () => {
  const x = { shape: [1, 4], values: Float32Array.of(NaN, Infinity, -Infinity, -1) }
  const ones = { shape: [4], values: new Float32Array(4).fill(1) }
  const zeros = { shape: [4], values: new Float32Array(4) }
  const inputs = { x, scale: ones, shift: zeros }
  const [y] = await compute('wasm', {
    kernel: 'ScaleShift',
    label: 'NaN',
    inputs,
    attributes: { relu: true },
  })
  assert.deepEqual([...y!], [NaN, Infinity, 0, 0])
})

for (const size of [1, 3, 4, 5, 1023]) {
  for (const attributes of [{ momentum: 0.9 }, { momentum: 0.9, nesterov: true, weightDecay: 0.01 }]) {
    test(`SgdUpdate of ${size} values ${JSON.stringify(attributes)} agrees with the composition`, async () => {
      const inputs = { value: noise([size], 1), gradient: noise([size], 2), velocity: noise([size], 3) }
      const call = {
        kernel: 'SgdUpdate',
        label: 'SgdUpdate',
        inputs,
        attributes: { learningRate: 0.1, ...attributes },
      }
      assert.ok(largestError(await compute('wasm', call), await compute('cpu', call)) < 1e-6)
    })
  }
  test(`ReluGrad of ${size} values agrees with the composition`, async () => {
    const call = {
      kernel: 'ReluGrad',
      label: 'ReluGrad',
      inputs: { dy: noise([size], 1), y: noise([size], 2) },
    }
    assert.deepEqual(await compute('wasm', call), await compute('cpu', call))
  })
}

function callsOf(shape: readonly number[]): Call[] {
  const channels = [shape.at(-1)!]
  const [x, dy, y, addend] = [1, 2, 3, 4].map(seed => noise(shape, seed)) as [Values, Values, Values, Values]
  const [scale, shift, mean] = [5, 6, 7].map(seed => noise(channels, seed)) as [Values, Values, Values]
  const inverseStd = { shape: channels, values: scale.values.map(value => Math.abs(value) + 0.5) }
  const norm = { dy, x, gamma: scale, mean, inverseStd }
  return [
    { kernel: 'ChannelMoments', label: 'ChannelMoments', inputs: { x } },
    { kernel: 'ScaleShift', label: 'ScaleShift', inputs: { x, scale, shift } },
    {
      kernel: 'ScaleShift',
      label: 'ScaleShift + ReLU',
      inputs: { x, scale, shift },
      attributes: { relu: true },
    },
    { kernel: 'ScaleShift', label: 'ScaleShift + addend', inputs: { x, scale, shift, addend } },
    {
      kernel: 'ScaleShift',
      label: 'ScaleShift + addend + ReLU',
      inputs: { x, scale, shift, addend },
      attributes: { relu: true },
    },
    { kernel: 'FusedBatchNormGrad', label: 'FusedBatchNormGrad', inputs: norm },
    {
      kernel: 'FusedBatchNormGrad',
      label: 'FusedBatchNormGrad + ReLU',
      inputs: { ...norm, y },
      attributes: { relu: true },
    },
    {
      kernel: 'FusedBatchNormGrad',
      label: 'FusedBatchNormGrad + addend',
      inputs: norm,
      attributes: { addend: true },
    },
    {
      kernel: 'FusedBatchNormGrad',
      label: 'FusedBatchNormGrad + addend + ReLU, frozen',
      inputs: { ...norm, y },
      attributes: { addend: true, relu: true, frozen: true },
    },
  ]
}

/** Variance of every channel in double precision. */
function momentsInDouble({ shape, values }: Values): number[] {
  const channels = shape.at(-1)!
  const rows = values.length / channels
  return Array.from({ length: channels }, (_, channel) => {
    const column = Array.from({ length: rows }, (_, row) => values[row * channels + channel]!)
    const mean = column.reduce((sum, value) => sum + value, 0) / rows
    return column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows
  })
}
