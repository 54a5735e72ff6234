import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compute, noise } from './cases.ts'

const slices = [
  { shape: [2, 8, 7, 5], begin: [0, 0, 0, 0], end: [2, 8, 7, 5], strides: [1, 2, 2, 1] },
  { shape: [3, 8, 9, 16], begin: [1, 1, 2, 0], end: [3, 8, 8, 16], strides: [2, 3, 2, 1] },
  { shape: [2, 8, 7, 6], begin: [0, 0, 0, 1], end: [2, 8, 7, 6], strides: [1, 2, 2, 2] },
  { shape: [9, 6], begin: [8, 5], end: [-10, -7], strides: [-1, -2] },
  { shape: [1, 3, 3, 300], begin: [0, 0, 0, 0], end: [1, 3, 3, 300], strides: [1, 2, 2, 1] },
]

for (const { shape, begin, end, strides } of slices) {
  test(`StridedSlice of ${shape.join('x')} from ${begin.join()} by ${strides.join()} equals plain JavaScript`, async () => {
    const none = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 }
    const attributes = { begin, end, strides, ...none }
    const call = { kernel: 'StridedSlice', label: 'slice', inputs: { x: noise(shape, 1) }, attributes }
    assert.deepEqual(await compute('wasm', call), await compute('cpu', call))
  })
}

const tiles = [
  { shape: [5], reps: [7] },
  { shape: [3, 1, 1, 6], reps: [1, 4, 5, 1] },
  { shape: [2, 3, 4], reps: [1, 2, 1] },
  { shape: [2, 3, 4], reps: [3, 1, 2] },
  { shape: [2, 300], reps: [3, 1] },
  { shape: [2, 3], reps: [1, 1] },
]

for (const { shape, reps } of tiles) {
  test(`Tile of ${shape.join('x')} by ${reps.join()} equals plain JavaScript`, async () => {
    const call = { kernel: 'Tile', label: 'tile', inputs: { x: noise(shape, 1) }, attributes: { reps } }
    assert.deepEqual(await compute('wasm', call), await compute('cpu', call))
  })
}
