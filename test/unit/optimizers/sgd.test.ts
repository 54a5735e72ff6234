/** SGD against torch.optim.SGD in float64; numbers by test/fixtures/training/sgd.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { optimizers } from '../../../core/optimizers/index.ts'
import type { ParameterInfo } from '../../../core/graph/index.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Step {
  lr: number
  weightGradient: number[]
  biasGradient: number[]
  weight: number[]
  bias: number[]
}
interface Case {
  options: Record<string, unknown>
  weight: number[]
  bias: number[]
  steps: Step[]
}
const fixture = new URL('../../fixtures/training/sgd.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

const weightInfo: ParameterInfo = { name: 'w', shape: [4], kind: 'weight', initializer: { kind: 'zeros' } }
const biasInfo: ParameterInfo = { name: 'b', shape: [2], kind: 'bias', initializer: { kind: 'zeros' } }

for (const backend of ['cpu', 'wasm', 'torch'])
  describe(`sgd on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    for (const { options, weight, bias, steps } of cases) {
      it(`follows PyTorch with ${JSON.stringify(options)}`, () => {
        const tensorCount = tf.memory().numTensors
        const weights = follow(
          options,
          weightInfo,
          weight,
          steps.map(({ lr, weightGradient }) => [lr, weightGradient]),
        )
        const biases = follow(
          options,
          biasInfo,
          bias,
          steps.map(({ lr, biasGradient }) => [lr, biasGradient]),
        )
        steps.forEach((step, index) => {
          assertClose(weights[index]!, step.weight)
          assertClose(biases[index]!, step.bias)
        })
        assert.equal(tf.memory().numTensors, tensorCount)
      })
    }
  })

describe('sgd', () => {
  it('sums ½·decay·w² over what it decays', () => {
    const parameters = [
      { info: weightInfo, value: tf.tensor1d([1, 2, 3, 4]), weightDecayFactor: 1 },
      { info: biasInfo, value: tf.tensor1d([10, 10]), weightDecayFactor: 1 },
    ]
    const decayLoss = (noDecay: string): number => {
      const optimizer = optimizers.create({ name: 'sgd', options: { weightDecay: 0.1, noDecay } })
      return optimizer.decayLoss(parameters).dataSync()[0]!
    }
    assertClose([decayLoss('none')], [0.05 * 230])
    assertClose([decayLoss('bn-and-bias')], [0.05 * 30])
  })

  it('refuses options out of range, naming them', () => {
    const create = (options: Record<string, unknown>) => () =>
      optimizers.create({ name: 'sgd', options }, 'optimizer')
    assert.throws(create({ momentum: 1 }), /optimizer\.options\.momentum/)
    assert.throws(create({ weightDecay: -1 }), /optimizer\.options\.weightDecay/)
    assert.throws(create({ wd: 1 }), /wd/)
    // As torch.optim.SGD does: "Nesterov momentum requires a momentum and zero dampening".
    assert.throws(create({ momentum: 0, nesterov: true }), {
      code: 'invalid-config',
      message: /^optimizer\.options\.nesterov: expected false, as momentum is 0\. .*needs momentum above 0/,
    })
    assert.doesNotThrow(create({ momentum: 0, nesterov: false }))
    assert.doesNotThrow(create({ nesterov: true }))
  })
})

function follow(
  options: Record<string, unknown>,
  info: ParameterInfo,
  start: number[],
  steps: readonly (readonly [lr: number, gradient: number[]])[],
): number[][] {
  const optimizer = optimizers.create({ name: 'sgd', options })
  let value: tf.Tensor = tf.tensor1d(start)
  let state: Readonly<Record<string, tf.Tensor>> = Object.fromEntries(
    Object.keys(optimizer.slots(info)).map(slot => [slot, tf.zeros([start.length])]),
  )
  const values = steps.map(([lr, numbers], step) => {
    const gradient = tf.tensor1d(numbers)
    const setting = { learningRate: lr, step, stepsPerEpoch: 10, gradientScale: 1 }
    const updated = optimizer.update([{ info, value, gradient, state, weightDecayFactor: 1 }], setting)[0]!
    tf.dispose([gradient, value, ...Object.values(state)])
    value = updated.value
    state = updated.state
    return [...value.dataSync()]
  })
  tf.dispose([value, ...Object.values(state)])
  return values
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length)
  actual.forEach((value, index) => {
    const difference = Math.abs(value - expected[index]!)
    assert.ok(
      difference <= 2e-6 * Math.max(1, Math.abs(expected[index]!)),
      `${value} is not ${expected[index]}`,
    )
  })
}
