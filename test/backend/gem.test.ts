/** GeM pooling and its gradients against torch in float64; numbers by test/fixtures/training/gem.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compute, largestError } from './cases.ts'
import { withoutTorch } from './torchAddon.ts'

interface Case {
  readonly p: number
  readonly floor: number
  /** [N,H,W,C] */
  readonly shape: readonly [number, number, number, number]
  readonly x: number[]
  readonly dy: number[]
  readonly y: number[]
  readonly dx: number[]
  readonly dp: number
}
const fixture = new URL('../fixtures/training/gem.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

for (const backend of ['cpu', 'wasm', 'torch']) {
  const skip = backend === 'torch' && withoutTorch
  test(`GeM and its gradients are torch's on ${backend}`, { skip }, async () => {
    for (const { p, floor, shape, ...values } of cases) {
      const pooled = [shape[0], shape[3]]
      const [x, dy] = [
        { shape, values: Float32Array.from(values.x) },
        { shape: pooled, values: Float32Array.from(values.dy) },
      ]
      const forward = { kernel: 'GemPool', label: 'GemPool', inputs: { x }, attributes: { p, floor } }
      const [y] = await compute(backend, forward)
      assert.ok(largestError([y!], [Float32Array.from(values.y)]) < 2e-6, `y with p = ${p}`)
      const backward = {
        kernel: 'GemPoolGrad',
        label: 'GemPoolGrad',
        inputs: { dy, x, y: { shape: pooled, values: y! } },
        attributes: { p, floor, ofPower: true },
      }
      const [dx, dp] = await compute(backend, backward)
      assert.ok(largestError([dx!], [Float32Array.from(values.dx)]) < 5e-6, `dx with p = ${p}`)
      assert.ok(Math.abs(dp![0]! - values.dp) < 2e-5 * Math.max(1, Math.abs(values.dp)), `dp with p = ${p}`)
    }
  })
}
