/** Cross-entropy against torch in float64; numbers by test/fixtures/training/cross-entropy.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { registerLossGradients } from '../../../core/graph/gradients.ts'
import { losses } from '../../../core/losses/index.ts'
import { makeTargets } from '../../../core/losses/shared/targets.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Case {
  labelSmoothing: number
  smoothing: string
  labels: number[]
  logits: number[][]
  loss: number
  gradient: number[][]
}
const fixture = new URL('../../fixtures/training/cross-entropy.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

describe('cross-entropy', () => {
  before(registerLossGradients)

  for (const backend of ['cpu', 'wasm', 'torch']) {
    const skip = backend === 'torch' && withoutTorch
    it(`gives torch's losses and gradients on ${backend}`, { skip }, async () => {
      await startBackend(backend)
      const tensorCount = tf.memory().numTensors
      for (const each of cases) compare(each)
      assert.equal(tf.memory().numTensors, tensorCount)
    })
  }

  it('has the smoothed targets of both definitions (ε = 0.1, K = 4)', () => {
    // The gradient with respect to log-probabilities is −target/B; uniform logits give softmax ¼ everywhere.
    assertClose(targets('uniform'), [0.025, 0.925, 0.025, 0.025])
    assertClose(targets('other-classes'), [0.1 / 3, 0.9, 0.1 / 3, 0.1 / 3])
  })

  it('adds the auxiliary head by its weight, smoothed alike, and leaves it untrained at 0', () => {
    const { labels, logits, loss } = cases.find(each => each.smoothing === 'uniform')!
    const options = { labelSmoothing: cases.find(each => each.smoothing === 'uniform')!.labelSmoothing }
    for (const [auxiliaryWeight, expected] of [
      [0.4, 1.4 * loss],
      [0, loss],
    ] as const)
      tf.tidy(() => {
        const entry = losses.create({ name: 'cross-entropy', options: { ...options, auxiliaryWeight } })
        const asked = makeTargets({ labels: Int32Array.from(labels), classCount: logits[0]!.length })
        const value = entry.of({ logits: tf.tensor2d(logits), auxLogits: tf.tensor2d(logits) }, asked)
        assertClose([...value.dataSync()], [expected])
      })
  })

  it('says which output it misses', () => {
    const loss = losses.create({ name: 'cross-entropy' })
    assert.throws(() => loss.of({}, makeTargets({ labels: Int32Array.of(0), classCount: 2 })), /logits/)
  })
})

function compare({ labelSmoothing, smoothing, labels, logits, loss: expected, gradient }: Case): void {
  const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing, smoothing } })
  tf.tidy(() => {
    const targets = makeTargets({ labels: Int32Array.from(labels), classCount: logits[0]!.length })
    const of = (values: tf.Tensor): tf.Scalar => loss.of({ logits: values }, targets)
    const { value, grad } = tf.valueAndGrad(of)(tf.tensor2d(logits))
    assertClose([...value.dataSync()], [expected])
    assertClose([...grad.dataSync()], gradient.flat())
  })
}

/** Targets of class 1 of 4, from the gradient softmax − target. */
function targets(smoothing: string): number[] {
  const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing: 0.1, smoothing } })
  return tf.tidy(() => {
    const asked = makeTargets({ labels: Int32Array.of(1), classCount: 4 })
    const gradient = tf.grad(values => loss.of({ logits: values }, asked))(tf.zeros([1, 4]))
    return [...gradient.dataSync()].map(value => 0.25 - value)
  })
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
