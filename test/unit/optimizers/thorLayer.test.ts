/** THOR's correction of one layer's gradient; numbers by test/fixtures/training/thor-layer.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { createExecutor, GraphBuilder, type LayerSample } from '../../../core/graph/index.ts'
import { optimizers } from '../../../core/optimizers/index.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

const url = new URL('../../fixtures/training/thor-layer.json', import.meta.url)
const expected = JSON.parse(readFileSync(url, 'utf8')) as { norm: number; every: number; values: number[] }
const setting = { learningRate: 1, step: 0, stepsPerEpoch: 1, gradientScale: 1 }
const constant = { dampingInit: 0.03, dampingDecay: 1, momentum: 0, weightDecay: 0 }

for (const backend of ['wasm', 'torch'])
  describe(`THOR's layers on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    it('has blocks of 128 on both sides, in the order of channel, row, column', () => {
      const held = tf.memory().numTensors
      const [batch, channels, filters, lossScale] = [3, 50, 130, 64]
      const g = new GraphBuilder('one', [4, 5, channels])
      const window = { kernel: [1, 3], stride: [2, 1], padding: [0, 0, 0, 1] } as const
      const y = g.globalAvgPool('pool', g.conv('conv', g.input, { filters, ...window }))
      const node = g.build({ logits: y }).nodes.find(({ name }) => name === 'conv')!
      const info = node.parameters[0]!
      const x = channelsLast([batch, channels, 4, 5], 0.3, 1)
      const dy = channelsLast([batch, filters, 2, 4], 1.1, 0.3 * lossScale)
      const value = filter([filters, channels, 1, 3], 0.1, 0.2)
      const gradient = filter([filters, channels, 1, 3], 0.7, 0.4)
      const optimizer = optimizers.create({ name: 'thor', options: { ...constant, weightDecay: 0.01 } })
      const layer = { info, node, x, dy, lossScale }
      const state = tf.tidy(() => ({
        ...optimizer.curvature!.measure(layer, { ...setting, batchSize: batch }),
      }))
      const slots = Object.entries(optimizer.slots(info)).map(([slot, { shape }]) => [slot, shape])
      assert.deepEqual(
        Object.fromEntries(slots),
        Object.fromEntries(Object.entries(state).map(([slot, { shape }]) => [slot, shape])),
      )
      const before = value.clone()
      const updated = optimizer.update([{ info, value, gradient, state, weightDecayFactor: 1 }], setting)[0]!
      const change = tf.tidy(() => tf.transpose(tf.sub(before, updated.value), [3, 2, 0, 1]).dataSync())
      const norm = Math.hypot(...change)
      assert.ok(Math.abs(norm - expected.norm) < 1e-4 * expected.norm, `${norm}`)
      const largest = Math.max(...expected.values.map(Math.abs))
      expected.values.forEach((correct, at) => {
        assert.ok(Math.abs(change[at * expected.every]! - correct) < 1e-4 * largest, `${at}`)
      })
      tf.dispose([x, dy, value, before, gradient, updated.value, ...Object.values(state)])
      assert.equal(tf.memory().numTensors, held)
    })

    it('multiplies by 1.4870173 where A = 0.5, G = 0.2, λ = 0.03 and T = 4', () => {
      const { change } = scalarStep({ isMeasured: true })
      assert.ok(Math.abs(change - 1.4870173) < 1e-5, `${change}`)
    })

    it('takes the plain gradient while nothing was measured', () => {
      assert.equal(scalarStep({ isMeasured: false }).change, 1)
    })

    it('clips the corrected gradient of a tensor, its decay included', () => {
      const clipped = scalarStep({ isMeasured: true, options: { clipNorm: 0.75 } }).change
      assert.ok(Math.abs(clipped - 0.75) < 1e-5, `${clipped}`)
      const short = scalarStep({ isMeasured: true, options: { clipNorm: 2, weightDecay: 0.1 } }).change
      assert.ok(Math.abs(short - 1.5870173) < 1e-5, `${short}`)
    })
  })

/** One weight of value 1 and gradient 1 over four positions of one image, and how much a step at rate 1 takes from it. */
function scalarStep({ isMeasured, options = {} }: { isMeasured: boolean; options?: object }): {
  change: number
} {
  const g = new GraphBuilder('scalar', [2, 2, 1])
  const y = g.globalAvgPool('pool', g.conv('conv', g.input, { filters: 1, kernel: 1 }))
  const executor = createExecutor(g.build({ logits: y }), { seed: 1 })
  const node = executor.graph.nodes.find(({ name }) => name === 'conv')!
  const info = node.parameters[0]!
  const optimizer = optimizers.create({ name: 'thor', options: { ...constant, ...options } })
  const change = tf.tidy(() => {
    const x = tf.tensor4d([1, 0, 1, 0], [1, 2, 2, 1])
    const dy = tf.mul(tf.tensor4d([1, -1, 1, 1], [1, 2, 2, 1]), Math.sqrt(0.2))
    const layer: LayerSample = { info, node, x, dy, lossScale: 1 }
    const zeros = Object.entries(optimizer.slots(info)).map(([slot, { shape }]) => [
      slot,
      tf.zeros([...shape]),
    ])
    const state = isMeasured
      ? optimizer.curvature!.measure(layer, { ...setting, batchSize: 1 })
      : (Object.fromEntries(zeros) as Record<string, tf.Tensor>)
    const one = { info, value: tf.ones([1, 1, 1, 1]), gradient: tf.ones([1, 1, 1, 1]), state }
    return 1 - optimizer.update([{ ...one, weightDecayFactor: 1 }], setting)[0]!.value.dataSync()[0]!
  })
  executor.dispose()
  return { change }
}

/** Images given in torch's order. */
function channelsLast(shape: number[], phase: number, scale: number): tf.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(wave(shape, phase, scale), shape), [0, 2, 3, 1]))
}

function filter(shape: number[], phase: number, scale: number): tf.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(wave(shape, phase, scale), shape), [2, 3, 1, 0]))
}

function wave(shape: number[], phase: number, scale: number): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1)
  return Float32Array.from(
    { length: size },
    (_, i) => scale * Math.sin(0.7 * i + phase + 0.05 * i * Math.cos(i)),
  )
}
