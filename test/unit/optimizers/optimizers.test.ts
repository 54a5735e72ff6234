/** Every optimizer against torch's, or its formula in float64; numbers by test/fixtures/training/optimizers.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import type { ParameterInfo } from '../../../core/graph/index.ts'
import { optimizers } from '../../../core/optimizers/index.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Case {
  readonly name: string
  readonly options: Record<string, unknown>
  readonly start: number[]
  readonly gradients: number[][]
  readonly values: number[][]
  readonly rates: number[]
}
const url = new URL('../../fixtures/training/optimizers.json', import.meta.url)
const cases = JSON.parse(readFileSync(url, 'utf8')) as Case[]
const info: ParameterInfo = { name: 'w', shape: [3, 4], kind: 'weight', initializer: { kind: 'zeros' } }

for (const backend of ['cpu', 'torch'])
  describe(`optimizers on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    for (const each of cases)
      it(`${each.name} follows its source with ${JSON.stringify(each.options)}`, () => {
        const held = tf.memory().numTensors
        const ours = follow(each, 1)
        each.values.forEach((expected, step) => assertClose(ours[step]!, expected))
        // Gradients that carry a loss scale come to the same.
        follow(each, 1024).forEach((values, step) => assertClose(values, each.values[step]!))
        assert.equal(tf.memory().numTensors, held)
      })
  })

describe('the vectors of the references', () => {
  before(() => startBackend('cpu'))

  it("TensorFlow's RMSProp: w = 1, g = 0.5 twice, rate 0.045", () => {
    const options = { weightDecay: 0, noDecay: 'none' }
    const given = {
      name: 'rmsprop-tf',
      options,
      start: [1],
      gradients: [[0.5], [0.5]],
      rates: [0.045, 0.045],
    }
    const values = follow({ ...given, values: [] }, 1, { ...info, shape: [1] })
    assertClose(values.flat(), [0.98378313, 0.95267904])
  })

  it('weight decay counts in the loss as ½·decay·Σw²', () => {
    for (const name of ['rmsprop', 'adamw', 'lamb', 'lars', 'thor']) {
      const optimizer = optimizers.create({ name, options: { weightDecay: 0.1 } })
      const value = tf.tensor2d([1, 2, 3, 4], [2, 2])
      const spared = { info, value, weightDecayFactor: 0 }
      const loss = optimizer.decayLoss([{ info, value, weightDecayFactor: 1 }, spared])
      assertClose([...loss.dataSync()], [0.05 * 30])
    }
  })
})

function follow(
  { name, options, start, gradients, rates }: Case,
  scale: number,
  parameter: ParameterInfo = info,
): number[][] {
  const optimizer = optimizers.create({ name, options })
  const shape = [...parameter.shape]
  let value: tf.Tensor = tf.tensor(start, shape)
  let state: Readonly<Record<string, tf.Tensor>> = Object.fromEntries(
    Object.entries(optimizer.slots(parameter)).map(([slot, { fill, shape: side }]) => [
      slot,
      fill === 'ones' ? tf.ones([...side]) : tf.zeros([...side]),
    ]),
  )
  const values = gradients.map((numbers, step) => {
    const gradient = tf.tensor(
      numbers.map(each => each * scale),
      shape,
    )
    const setting = { learningRate: rates[step]!, step, stepsPerEpoch: 10, gradientScale: 1 / scale }
    const given = { info: parameter, value, gradient, state, weightDecayFactor: 1 }
    const updated = optimizer.update([given], setting)[0]!
    tf.dispose([gradient, value, ...Object.keys(updated.state).map(slot => state[slot]!)])
    value = updated.value
    state = { ...state, ...updated.state }
    return [...value.dataSync()]
  })
  tf.dispose([value, ...Object.values(state)])
  return values
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length)
  expected.forEach((value, at) => {
    const error = Math.abs(actual[at]! - value)
    assert.ok(error < 2e-6 * Math.max(1, Math.abs(value)), `at ${at}: ${actual[at]} against ${value}`)
  })
}
