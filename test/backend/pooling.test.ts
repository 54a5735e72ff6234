import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poolInfo } from '../../core/backend/kernels/shared/pooling.ts'
import type { PoolAttributes } from '../../core/backend/kernels/shared/pooling.ts'
import { compute, largestError, noise } from './cases.ts'
import type { Values } from './cases.ts'

const padded = (amount: number): PoolAttributes['pad'] => [
  [0, 0],
  [amount, amount],
  [amount, amount],
  [0, 0],
]

const layers: readonly { readonly shape: readonly number[]; readonly attributes: PoolAttributes }[] = [
  { shape: [2, 8, 9, 8], attributes: { filterSize: 3, strides: 2, pad: padded(1) } },
  { shape: [2, 8, 9, 5], attributes: { filterSize: [3, 2], strides: [2, 1], pad: 'same' } },
  { shape: [1, 6, 6, 16], attributes: { filterSize: 2, strides: 2, pad: 'valid' } },
  { shape: [3, 7, 7, 6], attributes: { filterSize: 7, strides: 1, pad: 'valid' } },
  { shape: [1, 5, 5, 3], attributes: { filterSize: 2, strides: 3, pad: 0 } },
]

for (const { shape, attributes } of layers) {
  const { outShape } = poolInfo(shape, attributes)
  const [input, dy] = [noise(shape, 1), noise(outShape, 2)]
  const label = `${shape.join('x')} ${JSON.stringify(attributes)}`

  test(`MaxPoolGrad of ${label} agrees with plain JavaScript`, async () => {
    const call = { kernel: 'MaxPoolGrad', label, inputs: { dy, input, output: dy }, attributes }
    assert.ok(largestError(await compute('wasm', call), await compute('cpu', call)) < 1e-6)
  })

  for (const backend of ['wasm', 'cpu']) {
    test(`AvgPoolGrad of ${label} on ${backend} is the layer's adjoint`, async () => {
      const inputs = { dy, input }
      const [dx] = await compute(backend, { kernel: 'AvgPoolGrad', label, inputs, attributes })
      const [y] = await compute('cpu', { kernel: 'AvgPool', label, inputs: { x: input }, attributes })
      // The layer is linear, so ⟨A x, dy⟩ = ⟨x, Aᵀ dy⟩ for every x.
      const [left, right] = [inner(y!, dy), inner(dx!, input)]
      assert.ok(Math.abs(left - right) < 1e-4 * Math.max(1, Math.abs(left)), `${left} and ${right}`)
    })
  }
}

test('of equal values in a window, the first gets the gradient of max pooling', async () => {
  const input = { shape: [1, 2, 2, 4], values: new Float32Array(16).fill(-3) }
  const dy = { shape: [1, 1, 1, 4], values: Float32Array.of(1, 2, 3, 4) }
  const attributes = { filterSize: 2, strides: 2, pad: 'valid' }
  const [dx] = await compute('wasm', {
    kernel: 'MaxPoolGrad',
    label: 'ties',
    inputs: { dy, input },
    attributes,
  })
  assert.deepEqual([...dx!], [1, 2, 3, 4, ...new Array<number>(12).fill(0)])
})

function inner(a: Float32Array, b: Values): number {
  return a.reduce((sum, value, index) => sum + value * b.values[index]!, 0)
}
