import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compute, largestError, noise } from './cases.ts'

const sizes = [
  [5, 7, 4],
  [64, 33, 10],
  [127, 16, 24],
  [1, 300, 8],
  [200, 3, 17],
] as const

for (const [rows, inner, columns] of sizes) {
  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    test(`matrix product ${rows}x${inner}x${columns}, transposed: ${transposeA}, ${transposeB}`, async () => {
      const a = noise(transposeA ? [1, inner, rows] : [1, rows, inner], 1)
      const b = noise(transposeB ? [1, columns, inner] : [1, inner, columns], 2)
      const call = {
        kernel: 'BatchMatMul',
        label: 'product',
        inputs: { a, b },
        attributes: { transposeA, transposeB },
      }
      assert.ok(largestError(await compute('wasm', call), await compute('cpu', call)) < 1e-5)
    })
  }
}

test('a batch of matrices is left to tfjs', async () => {
  const inputs = { a: noise([3, 4, 5], 1), b: noise([3, 5, 6], 2) }
  const attributes = { transposeA: false, transposeB: false }
  const call = { kernel: 'BatchMatMul', label: 'batch', inputs, attributes }
  assert.ok(largestError(await compute('wasm', call), await compute('cpu', call)) < 1e-5)
})
