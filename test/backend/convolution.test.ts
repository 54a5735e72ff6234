import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convolutionInfo } from '../../core/backend/kernels/shared/convolution.ts'
import type { Pad } from '../../core/backend/kernels/shared/convolution.ts'
import { compute, largestError, noise } from './cases.ts'
import type { Call } from './cases.ts'

interface Geometry {
  readonly batch: number
  readonly size: readonly [number, number]
  readonly channels: readonly [number, number]
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly pad: Pad
}

const amounts = (top: number, bottom: number, left: number, right: number): Pad => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]
const around = (amount: number): Pad => amounts(amount, amount, amount, amount)
const uneven = amounts(3, 4, 0, 3)

const geometries: readonly Geometry[] = [
  { batch: 2, size: [9, 9], channels: [3, 5], kernel: [3, 3], stride: [1, 1], pad: 'same' },
  { batch: 2, size: [9, 8], channels: [8, 16], kernel: [3, 3], stride: [1, 1], pad: around(1) },
  { batch: 3, size: [9, 8], channels: [4, 8], kernel: [3, 3], stride: [2, 2], pad: around(1) },
  { batch: 1, size: [8, 9], channels: [16, 7], kernel: [3, 3], stride: [2, 2], pad: 'same' },
  { batch: 2, size: [7, 7], channels: [4, 6], kernel: [1, 1], stride: [1, 1], pad: 0 },
  { batch: 5, size: [14, 14], channels: [6, 24], kernel: [1, 1], stride: [1, 1], pad: 'valid' },
  { batch: 2, size: [1, 1], channels: [9, 17], kernel: [1, 1], stride: [1, 1], pad: 'valid' },
  { batch: 2, size: [8, 8], channels: [4, 8], kernel: [1, 1], stride: [2, 2], pad: 'valid' },
  { batch: 2, size: [7, 9], channels: [3, 3], kernel: [1, 1], stride: [2, 2], pad: 'same' },
  { batch: 1, size: [21, 20], channels: [3, 16], kernel: [7, 7], stride: [2, 2], pad: around(3) },
  { batch: 1, size: [6, 6], channels: [1, 1], kernel: [5, 5], stride: [1, 1], pad: around(2) },
  { batch: 1, size: [9, 13], channels: [2, 9], kernel: [1, 7], stride: [1, 1], pad: 'same' },
  { batch: 1, size: [13, 9], channels: [9, 2], kernel: [7, 1], stride: [1, 2], pad: 'valid' },
  { batch: 2, size: [8, 9], channels: [2, 3], kernel: [2, 2], stride: [3, 3], pad: 'valid' },
  { batch: 1, size: [5, 5], channels: [2, 8], kernel: [3, 3], stride: [1, 1], pad: uneven },
  { batch: 1, size: [5, 6], channels: [8, 2], kernel: [3, 3], stride: [2, 1], pad: uneven },
  { batch: 1, size: [70, 5], channels: [40, 12], kernel: [3, 3], stride: [1, 1], pad: 'same' },
  { batch: 1, size: [3, 90], channels: [16, 8], kernel: [3, 3], stride: [1, 1], pad: 'same' },
  { batch: 61, size: [7, 7], channels: [8, 9], kernel: [3, 3], stride: [1, 1], pad: around(1) },
  { batch: 7, size: [3, 3], channels: [24, 16], kernel: [3, 3], stride: [1, 1], pad: around(1) },
  { batch: 9, size: [16, 16], channels: [5, 11], kernel: [1, 1], stride: [1, 1], pad: 'valid' },
  { batch: 2, size: [12, 1], channels: [3, 10], kernel: [3, 1], stride: [1, 1], pad: 'same' },
  { batch: 5, size: [9, 9], channels: [6, 20], kernel: [3, 3], stride: [2, 2], pad: around(1) },
  // Filters of one line or one pixel with a border: their patches lie one after the other, but only in padded copies.
  { batch: 2, size: [5, 6], channels: [3, 9], kernel: [1, 1], stride: [1, 1], pad: around(1) },
  { batch: 9, size: [40, 40], channels: [8, 5], kernel: [1, 1], stride: [1, 1], pad: around(1) },
  { batch: 3, size: [6, 5], channels: [4, 8], kernel: [1, 1], stride: [1, 1], pad: uneven },
  { batch: 2, size: [6, 7], channels: [3, 6], kernel: [1, 3], stride: [1, 1], pad: amounts(2, 2, 0, 0) },
  { batch: 2, size: [6, 7], channels: [3, 6], kernel: [1, 5], stride: [1, 1], pad: amounts(0, 0, 2, 2) },
  { batch: 2, size: [7, 6], channels: [3, 6], kernel: [3, 1], stride: [1, 1], pad: amounts(0, 0, 1, 1) },
  { batch: 2, size: [7, 6], channels: [3, 6], kernel: [5, 1], stride: [1, 1], pad: amounts(2, 2, 0, 0) },
  { batch: 3, size: [7, 1], channels: [2, 8], kernel: [4, 1], stride: [2, 1], pad: amounts(3, 1, 0, 0) },
  { batch: 3, size: [1, 7], channels: [8, 2], kernel: [1, 4], stride: [1, 2], pad: amounts(1, 0, 0, 3) },
]

for (const geometry of geometries) {
  for (const call of callsOf(geometry)) {
    test(`${call.label} agrees with plain JavaScript`, async () => {
      const expected = await compute('cpu', call)
      const actual = await compute('wasm', call)
      const error = largestError(actual, expected)
      assert.ok(error < 2e-6, `relative error ${error}`)
    })
  }
}

test('a dilated convolution is left to tfjs', async () => {
  const inputs = { x: noise([1, 9, 9, 3], 1), filter: noise([3, 3, 3, 4], 2) }
  const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC', dilations: [2, 2] }
  const call = { kernel: 'Conv2D', label: 'dilated', inputs, attributes }
  assert.ok(largestError(await compute('wasm', call), await compute('cpu', call)) < 2e-6)
})

test('a layout that is not NHWC is refused by name', async () => {
  const inputs = { x: noise([1, 3, 9, 9], 1), dy: noise([1, 4, 7, 7], 2) }
  const attributes = { strides: 1, pad: 'valid', dataFormat: 'NCHW', filterShape: [3, 3, 3, 4] }
  const call = { kernel: 'Conv2DBackpropFilter', label: 'NCHW', inputs, attributes }
  await assert.rejects(compute('wasm', call), {
    code: 'invalid-config',
    message: /expected dataFormat NHWC, got NCHW/,
  })
})

test('the same call gives the same bits, early and late', async () => {
  const [call] = callsOf(geometries[1]!)
  const first = await compute('wasm', call!)
  for (let run = 0; run < 200; run++) await compute('wasm', call!)
  assert.deepEqual(await compute('wasm', call!), first)
})

function callsOf(geometry: Geometry): Call[] {
  const { batch, size, channels, kernel, stride, pad } = geometry
  const xShape = [batch, ...size, channels[0]]
  const filterShape = [...kernel, ...channels]
  const shared = { strides: [...stride] as [number, number], pad, dataFormat: 'NHWC' as const }
  const { outShape } = convolutionInfo(xShape, filterShape, shared)
  const [x, filter, dy] = [noise(xShape, 1), noise(filterShape, 2), noise(outShape, 3)]
  const padding = typeof pad === 'object' ? `${pad[1].join()} ${pad[2].join()}` : String(pad)
  const label = `${kernel.join('x')} stride ${stride.join('x')} pad ${padding} of ${xShape.join('x')} to ${channels[1]}`
  return [
    {
      kernel: 'Conv2D',
      label: `Conv2D ${label}`,
      inputs: { x, filter },
      attributes: { ...shared, dilations: [1, 1] },
    },
    {
      kernel: 'Conv2DBackpropInput',
      label: `Conv2DBackpropInput ${label}`,
      inputs: { dy, filter },
      attributes: { ...shared, inputShape: xShape },
    },
    {
      kernel: 'Conv2DBackpropFilter',
      label: `Conv2DBackpropFilter ${label}`,
      inputs: { x, dy },
      attributes: { ...shared, filterShape },
    },
  ]
}
