/** THOR against a computation of its own, image by image in float64; numbers by test/fixtures/training/thor.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { createExecutor, GraphBuilder, type Executor } from '../../../core/graph/index.ts'
import { losses } from '../../../core/losses/index.ts'
import { makeTargets } from '../../../core/losses/shared/targets.ts'
import { optimizers } from '../../../core/optimizers/index.ts'
import { dampingAt } from '../../../core/optimizers/thor.ts'
import { createBuckets } from '../../../core/training/gradientBuckets.ts'
import { createLearner } from '../../../core/training/learner.ts'
import { createMeasurements } from '../../../core/training/measurements.ts'
import type { Collective } from '../../../core/training/index.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'
import { fakeRanks } from '../training/fakeRanks.ts'

interface Step {
  readonly fc: number[]
  readonly bias: number[]
  /** Every seventh number. */
  readonly conv: number[]
}
const url = new URL('../../fixtures/training/thor.json', import.meta.url)
const fixture = JSON.parse(readFileSync(url, 'utf8')) as { one: Step[]; two: Step[] }

const [batch, channels, side, filters, classCount] = [4, 15, 5, 6, 3]
const labels = [0, 2, 1, 2]
const stepsPerEpoch = 4
const options = { frequency: 2, dampingInit: 0.03, dampingDecay: 0.50036, momentum: 0.9, weightDecay: 0.01 }

// Plain JavaScript inverts slowly: what it composes is composed on wasm as well.
for (const backend of ['wasm', 'torch'])
  describe(`THOR on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    it('takes the steps of the formula, with fresh and with old measurements', async () => {
      const held = tf.memory().numTensors
      check(await train(null, 1), fixture.one)
      check(await train(null, 256), fixture.one)
      assert.equal(tf.memory().numTensors, held)
    })

    it('averages the inverses of two ranks', async () => {
      const [first, second] = await Promise.all(fakeRanks(2).map(rank => train(rank, 1)))
      check(first!, fixture.two)
      check(second!, fixture.two)
    })
  })

describe('THOR', () => {
  it('lowers its damping by the epoch', () => {
    for (const [epoch, expected] of [
      [1, 0.027993],
      [10, 0.015011],
      [20, 0.007511],
      [45, 0.00133],
    ] as const)
      assert.ok(Math.abs(dampingAt(options, epoch) - expected) < 1e-6)
  })

  it('refuses options out of range', () => {
    const create = (given: object) => optimizers.create({ name: 'thor', options: { ...given } }, 'optimizer')
    assert.throws(() => create({ frequency: 0 }), /optimizer\.options\.frequency/)
    assert.throws(() => create({ dampingInit: 0 }), /optimizer\.options\.dampingInit/)
    assert.throws(() => create({ momentum: 0, nesterov: true }), /optimizer\.options\.nesterov/)
  })
})

async function train(collective: Collective | null, lossScale: number): Promise<Step[]> {
  const executor = network()
  const optimizer = optimizers.create({ name: 'thor', options })
  const learner = createLearner(executor, optimizer)
  const loss = losses.create({ name: 'cross-entropy' })
  const world = collective?.world ?? 1
  const size = batch / world
  const from = (collective?.rank ?? 0) * size
  const steps: Step[] = []
  for (let step = 0; step < fixture.one.length; step++) {
    const all = tf.tensor4d(wave([batch, channels, side, side], 1.3 * step, 1), [batch, channels, side, side])
    const images = tf.tidy(() =>
      tf.transpose(tf.slice(all, [from, 0, 0, 0], [size, -1, -1, -1]), [0, 2, 3, 1]),
    )
    const targets = makeTargets({ labels: Int32Array.from(labels.slice(from, from + size)), classCount })
    const measurements = createMeasurements(optimizer, { step, stepsPerEpoch })
    const buckets = collective ? createBuckets(collective) : null
    let gradients = new Map<string, tf.Tensor>()
    const { loss: value, outputs } = executor.train(images as tf.Tensor4D, heads => loss.of(heads, targets), {
      seed: 0,
      lossScale,
      onGradient: ({ name }, gradient) => {
        if (buckets) buckets.add(name, gradient)
        else gradients.set(name, gradient)
      },
      ...(measurements.isDue ? { onLayer: layer => measurements.add(layer, size) } : {}),
    })
    if (buckets) gradients = await buckets.finish()
    const measured = await measurements.finish(collective)
    learner.update(
      gradients,
      { learningRate: 0.1, step, stepsPerEpoch, gradientScale: 1 / lossScale },
      measured,
    )
    tf.dispose([all, images, targets.labels, value, ...Object.values(outputs)])
    measurements.dispose()
    steps.push(weightsOf(executor))
  }
  learner.dispose()
  return steps
}

function network(): Executor {
  const g = new GraphBuilder('small', [side, side, channels])
  const x = g.relu('relu', g.conv('conv', g.input, { filters, kernel: 3, stride: 2, padding: 1 }))
  const logits = g.dense('fc', g.globalAvgPool('pool', x), { units: classCount })
  const executor = createExecutor(g.build({ logits }), { seed: 1 })
  const set = (name: string, values: Float32Array, shape: number[], order: number[]): void =>
    executor.parameters.set(
      name,
      tf.tidy(() => tf.mul(tf.transpose(tf.tensor(values, shape), order), 1)),
    )
  set('conv.weight', wave([filters, channels, 3, 3], 0.1, 0.2), [filters, channels, 3, 3], [2, 3, 1, 0])
  set('fc.weight', wave([classCount, filters], 0.4, 0.5), [classCount, filters], [1, 0])
  set('fc.bias', wave([classCount], 0.9, 0.1), [classCount], [0])
  return executor
}

/** In torch's layout, as the fixture has them. */
function weightsOf({ parameters }: Executor): Step {
  return tf.tidy(() => ({
    fc: [...tf.transpose(parameters.get('fc.weight')).dataSync()],
    bias: [...parameters.get('fc.bias').dataSync()],
    conv: [...tf.transpose(parameters.get('conv.weight'), [3, 2, 0, 1]).dataSync()].filter(
      (_, at) => at % 7 === 0,
    ),
  }))
}

function wave(shape: number[], phase: number, scale: number): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1)
  return Float32Array.from(
    { length: size },
    (_, i) => scale * Math.sin(0.7 * i + phase + 0.05 * i * Math.cos(i)),
  )
}

function check(ours: readonly Step[], expected: readonly Step[]): void {
  expected.forEach((step, at) => {
    for (const name of ['fc', 'bias', 'conv'] as const)
      step[name].forEach((value, place) => {
        const error = Math.abs(ours[at]![name][place]! - value)
        assert.ok(
          error < 2e-4 * Math.max(1, Math.abs(value)),
          `step ${at}, ${name} ${place}: ${ours[at]![name][place]} against ${value}`,
        )
      })
  })
}
