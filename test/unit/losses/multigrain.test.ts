/** MultiGrain's loss and binary cross-entropy, against loops in float64; numbers by test/fixtures/losses/multigrain.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { registerLossGradients } from '../../../core/graph/gradients.ts'
import { losses } from '../../../core/losses/index.ts'
import { distances, normalised } from '../../../core/losses/shared/embeddings.ts'
import { marginLoss } from '../../../core/losses/shared/marginLoss.ts'
import { chooseNegatives } from '../../../core/losses/shared/negatives.ts'
import { pairsOf } from '../../../core/losses/shared/pairs.ts'
import { makeTargets } from '../../../core/losses/shared/targets.ts'
import { tripletLoss, type Miner } from '../../../core/losses/shared/tripletLoss.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Case {
  readonly embedding: number[][]
  readonly groups: number[]
  readonly margin: number
  readonly loss: number
  readonly gradient: number[][]
}
interface Fixture {
  readonly margin: (Case & { negatives: number[][]; beta: number; betaGradient: number })[]
  readonly triplet: (Case & { miner: Miner; minerMargin: number })[]
  readonly ordered: Omit<Case, 'groups'>
  readonly binary: {
    labelSmoothing: number
    sum: boolean
    logits: number[][]
    labels: number[]
    loss: number
    gradient: number[][]
  }[]
  readonly draws: { normalised: number[][]; groups: number[]; probabilities: number[] }[]
}
const url = new URL('../../fixtures/losses/multigrain.json', import.meta.url)
const fixture = JSON.parse(readFileSync(url, 'utf8')) as Fixture

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance = 2e-5): void {
  assert.equal(actual.length, expected.length)
  expected.forEach((value, at) => {
    const error = Math.abs(actual[at]! - value) / Math.max(1, Math.abs(value))
    assert.ok(error < tolerance, `at ${at}: ${actual[at]} against ${value}`)
  })
}

for (const backend of ['cpu', 'wasm', 'torch'])
  describe(`losses of instances on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(async () => {
      await startBackend(backend)
      registerLossGradients()
    })

    it('margin loss and its gradients for embeddings and boundary', () => {
      for (const each of fixture.margin)
        tf.tidy(() => {
          const pairs = pairsOf(Int32Array.from(each.groups))
          const mask = new Float32Array(pairs.size ** 2)
          for (const [i, j] of each.negatives) mask[i! * pairs.size + j!] = 1
          const negatives = tf.tensor2d(mask, [pairs.size, pairs.size])
          const of = (e: tf.Tensor, beta: tf.Tensor): tf.Scalar =>
            marginLoss(distances(normalised(e)), beta, pairs.same, negatives, each.margin)
          const inputs = [tf.tensor2d(each.embedding), tf.tensor1d([each.beta])]
          const { value, grads } = tf.valueAndGrads(of)(inputs)
          close(value.dataSync(), [each.loss])
          close(grads[0]!.dataSync(), each.gradient.flat())
          close(grads[1]!.dataSync(), [each.betaGradient])
        })
    })

    it('triplet loss with every miner', () => {
      for (const each of fixture.triplet)
        tf.tidy(() => {
          const pairs = pairsOf(Int32Array.from(each.groups))
          const of = (e: tf.Tensor): tf.Scalar => tripletLoss(normalised(e), pairs, each)
          const { value, grad } = tf.valueAndGrad(of)(tf.tensor2d(each.embedding))
          close(value.dataSync(), [each.loss])
          close(grad.dataSync(), each.gradient.flat())
        })
    })

    it('triplets in the order of the batch', () => {
      const { embedding, margin, loss, gradient } = fixture.ordered
      const options = { classWeight: 0, instanceLoss: 'ordered-triplet', margin }
      const entry = losses.create({ name: 'multigrain', options })
      const targets = makeTargets({ labels: new Int32Array(9), classCount: 2 })
      const of = (e: tf.Tensor): tf.Scalar => entry.of({ embedding: e }, targets)
      const { value, grad } = tf.valueAndGrad(of)(tf.tensor2d(embedding))
      close(value.dataSync(), [loss])
      close(grad.dataSync(), gradient.flat())
    })

    it('binary cross-entropy', () => {
      for (const { labelSmoothing, sum, logits, labels, loss, gradient } of fixture.binary) {
        const entry = losses.create({ name: 'binary-cross-entropy', options: { labelSmoothing, sum } })
        const targets = makeTargets({ labels: Int32Array.from(labels), classCount: 6 })
        const of = (x: tf.Tensor): tf.Scalar => entry.of({ logits: x }, targets)
        const { value, grad } = tf.valueAndGrad(of)(tf.tensor2d(logits))
        close(value.dataSync(), [loss])
        close(grad.dataSync(), gradient.flat())
      }
    })

    it('draws one negative for each positive, never of the own instance, never twice', () => {
      const groups = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 3)
      const e = normalised(tf.randomNormal([9, 12], 0, 1, 'float32', 5))
      for (const sampling of ['row-wise', 'upstream', 'uniform'] as const) {
        const pairs = pairsOf(groups)
        const chosen = chooseNegatives(distances(e), 12, pairs, sampling, 3).arraySync()
        chosen.forEach((row, i) => {
          const count = row.reduce((sum, value) => sum + value, 0)
          assert.equal(count, pairs.sameCounts[i])
          row.forEach((value, j) => {
            assert.ok(value === 0 || value === 1)
            if (value === 1) assert.notEqual(groups[i], groups[j])
          })
        })
      }
    })

    it('learns the boundary and leaves no tensor behind', () => {
      const entry = losses.create({ name: 'multigrain', options: { classWeight: 0.5 } })
      assert.deepEqual(entry.parameters, [{ role: 'margin.beta', initial: 1.2, learningRateFactor: 1 }])
      const instances = Int32Array.of(4, 4, 7, 7)
      const targets = makeTargets({ labels: Int32Array.of(0, 0, 1, 1), instances, classCount: 3, seed: 1 })
      const e = tf.randomNormal([4, 6], 0, 1, 'float32', 2)
      const inputs = [tf.zeros([4, 3]), e, tf.tensor1d([1.2])]
      const before = tf.memory().numTensors
      const outcome = tf.tidy(() => {
        const of = (x: tf.Tensor, y: tf.Tensor, b: tf.Tensor): tf.Scalar =>
          entry.of({ logits: x, embedding: y, 'margin.beta': b }, targets)
        const { value, grads } = tf.valueAndGrads(of)(inputs)
        return [value, ...grads].map(each => tf.sum(tf.abs(each)).dataSync()[0]!)
      })
      assert.ok(
        outcome.every(value => Number.isFinite(value) && value > 0),
        JSON.stringify(outcome),
      )
      assert.equal(tf.memory().numTensors, before)
    })
  })

describe('distance-weighted draws', () => {
  before(async () => {
    await startBackend('cpu')
    registerLossGradients()
  })

  it('have the probabilities of the formula', () => {
    const draws = 3000
    for (const { normalised: rows, groups, probabilities } of fixture.draws) {
      const d = distances(tf.tensor2d(rows))
      const counts = new Float64Array(rows.length)
      const pairs = pairsOf(Int32Array.from(groups))
      for (let seed = 0; seed < draws; seed++) {
        const chosen = tf.tidy(() => chooseNegatives(d, rows[0]!.length, pairs, 'row-wise', seed).dataSync())
        counts[chosen.subarray(0, rows.length).indexOf(1)]!++
      }
      let chi = 0
      probabilities.forEach((probability, at) => {
        const expected = draws * probability
        const count = counts[at + 2]!
        if (expected >= 5) chi += (count - expected) ** 2 / expected
        else assert.ok(count <= 20, `${count} draws of a pair whose share is ${probability}`)
      })
      assert.ok(chi < 26, `χ² ${chi} with at most 5 degrees of freedom: ${[...counts].join()}`)
    }
  })

  for (const channels of [128, 2048])
    it(`have them in ${channels} dimensions too`, () => {
      // One image with a copy, and five others a little farther each.
      const far = [0, 1, 2, 3, 4].map(step => 1.3 + (step * 2.4) / channels)
      const rows = Array.from({ length: 7 }, () => new Array<number>(7).fill(1.3))
      rows[0] = [0, 0.1, ...far]
      const log = far.map(
        x => (2 - channels) * Math.log(x) - ((channels - 3) / 2) * Math.log(1 - (x * x) / 4),
      )
      const weights = log.map(each => Math.exp(each - log[0]!))
      const sum = weights.reduce((total, each) => total + each, 0)
      const counts = new Float64Array(7)
      const pairs = pairsOf(Int32Array.of(0, 0, 1, 2, 3, 4, 5))
      const [draws, d] = [1000, tf.tensor2d(rows)]
      for (let seed = 0; seed < draws; seed++) {
        const chosen = tf.tidy(() => chooseNegatives(d, channels, pairs, 'row-wise', seed).dataSync())
        counts[chosen.subarray(0, 7).indexOf(1)]!++
      }
      const chi = weights.reduce((total, weight, at) => {
        const expected = (draws * weight) / sum
        return total + (counts[at + 2]! - expected) ** 2 / expected
      }, 0)
      assert.ok(chi < 23.5, `χ² ${chi} with 4 degrees of freedom: ${[...counts].join()}`)
    })

  it('do not underflow in 2048 dimensions, where the published weights do', () => {
    // Of two images of other instances at distances 0.6 and 1.2, the first is drawn practically always; upstream has lost both weights.
    const d = tf.tensor2d([
      [0, 0.1, 0.6, 1.2],
      [0.1, 0, 1.2, 1.2],
      [0.6, 1.2, 0, 1.3],
      [1.2, 1.2, 1.3, 0],
    ])
    const pairs = pairsOf(Int32Array.of(0, 0, 1, 2))
    const share = (sampling: 'row-wise' | 'upstream'): number => {
      let near = 0
      for (let seed = 0; seed < 200; seed++)
        near += tf.tidy(() => chooseNegatives(d, 2048, pairs, sampling, seed).arraySync()[0]![2]!)
      return near / 200
    }
    assert.equal(share('row-wise'), 1)
    assert.ok(Math.abs(share('upstream') - 0.5) < 0.15)
  })

  it('leave the term of instances at zero when no image has a copy in the batch', () => {
    const entry = losses.create({ name: 'multigrain', options: { classWeight: 0 } })
    const targets = makeTargets({ labels: Int32Array.of(0, 1), classCount: 2 })
    const outputs = { embedding: tf.eye(2), 'margin.beta': tf.tensor1d([1.2]) }
    assert.equal(entry.of(outputs, targets).dataSync()[0], 0)
  })
})

describe('options of the MultiGrain loss', () => {
  it('are refused out of range, and with triplets that a batch cannot make', () => {
    const create = (options: object) => losses.create({ name: 'multigrain', options: { ...options } }, 'loss')
    assert.throws(() => create({ classWeight: 1.5 }), /loss\.options\.classWeight/)
    const entry = create({ classWeight: 0, instanceLoss: 'ordered-triplet' })
    const targets = makeTargets({ labels: new Int32Array(4), classCount: 2 })
    assert.throws(
      () => entry.of({ embedding: tf.ones([4, 2]) }, targets),
      /training\.batchSize.*multiple of 3/,
    )
  })

  it('make a classifier of it at weight 1, without boundary or embedding', () => {
    const entry = losses.create({ name: 'multigrain', options: { classWeight: 1 } })
    assert.deepEqual([entry.needs, entry.parameters], [['logits'], []])
  })
})
