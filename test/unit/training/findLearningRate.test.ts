/** The search for a learning rate. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { parseConfig } from '../../../core/experiment/index.ts'
import { findLearningRate, steepest } from '../../../core/training/findLearningRate.ts'
import { tinyConfig, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
before(async () => {
  await startBackend('cpu')
  place = await tinyPlace()
})
after(() => place.remove())

const quiet = { progress: () => {}, throwIfCancelled: () => {} }

describe('the search for a learning rate', () => {
  it('takes the rate where the loss falls fastest, and none where it never falls', () => {
    const falling = Array.from({ length: 60 }, (_, at) => ({
      learningRate: 10 ** (at / 10 - 6),
      // Steepest in the middle, then up again.
      loss: 2 - 1 / (1 + Math.exp(-(at - 30))) + (at > 50 ? (at - 50) ** 2 : 0),
    }))
    assert.equal(steepest(falling), falling[30]!.learningRate)
    // Chance may make the very first loss the lowest, and what comes after the lowest is no advice.
    const lucky = falling.map((point, at) => (at === 0 ? { ...point, loss: 0 } : point))
    assert.equal(steepest(lucky), falling[30]!.learningRate)
    const jagged = falling.map((point, at) => (at === 58 ? { ...point, loss: 1.2 } : point))
    assert.equal(steepest(jagged), falling[30]!.learningRate)
    assert.equal(steepest(falling.map(({ learningRate }, at) => ({ learningRate, loss: at }))), null)
  })

  it('grows the rate from end to end, ends when the loss runs away, and leaves nothing behind', async () => {
    const config = parseConfig(tinyConfig())
    const held = tf.memory().numTensors
    const found = await findLearningRate(config, place.dataset, quiet, { from: 1e-4, to: 1e4, steps: 60 })
    assert.ok(found.points.length > 20 && found.points.length < 60, `${found.points.length} points`)
    assert.match(found.reason, /times its best|no longer finite/)
    assert.ok(found.suggestion !== null && found.suggestion > 1e-3 && found.suggestion < 1e2)
    const rates = found.points.map(({ learningRate }) => learningRate)
    assert.equal(rates[0], 1e-4)
    assert.ok(rates.every((rate, at) => at === 0 || rate > rates[at - 1]!))
    assert.equal(tf.memory().numTensors, held)
  })

  it('ends at once when it is cancelled', async () => {
    const config = parseConfig(tinyConfig())
    const cancelling = { progress: () => {}, throwIfCancelled: () => assert.fail('cancelled') }
    await assert.rejects(findLearningRate(config, place.dataset, cancelling), /cancelled/)
  })
})
