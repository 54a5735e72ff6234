/** The loss scale's rules, and a run that overflows: which steps it leaves out, what it says and saves. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it, mock } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { listCheckpoints, loadCheckpoint } from '../../../core/checkpoints/index.ts'
import { parseConfig, resolvePrecision } from '../../../core/experiment/index.ts'
import { crossEntropy } from '../../../core/losses/cross-entropy.ts'
import { train } from '../../../core/training/index.ts'
import {
  afterCleanStep,
  afterOverflow,
  smallestScale,
  startingScale,
  type LossScale,
} from '../../../core/training/lossScale.ts'
import {
  finalTensors,
  recorder,
  tinyConfig,
  tinyOrder,
  tinyPlace,
  type TinyPlace,
} from '../../crash/tinyRun.ts'

function settingOf(lossScale: object) {
  return resolvePrecision(
    parseConfig({ model: 'resnet18', precision: { level: 'O2', compute: 'float16', lossScale } }).precision,
  ).lossScale
}

describe('a dynamic scale', () => {
  const setting = settingOf({ value: 2 ** 22 })
  const clean = (state: LossScale, steps: number): LossScale =>
    Array.from({ length: steps }).reduce<LossScale>(now => afterCleanStep(setting, now), state)

  it('doubles after 2,000 clean steps in a row, and never beyond 2^24', () => {
    const start = startingScale(setting)
    assert.equal(clean(start, 1999).scale, 2 ** 22)
    assert.deepEqual(clean(start, 2000), { scale: 2 ** 23, cleanSteps: 0, overflows: 0 })
    assert.equal(clean(start, 4000).scale, 2 ** 24)
    assert.equal(clean(start, 8000).scale, 2 ** 24)
  })

  it('is halved by an overflow, which sets the count back to zero', () => {
    const before = clean(startingScale(setting), 1999)
    const after = afterOverflow(setting, before)!
    assert.deepEqual(after, { scale: 2 ** 21, cleanSteps: 0, overflows: 1 })
    assert.equal(clean(after, 1).scale, 2 ** 21)
  })

  it('has no floor but the smallest that can help', () => {
    let state: LossScale | null = startingScale(setting)
    let last = state
    while (state) {
      last = state
      state = afterOverflow(setting, state)
    }
    assert.equal(last.scale, smallestScale)
  })

  it('goes on from what a checkpoint holds; a static one is the configuration’s', () => {
    const saved = { scale: 512, cleanSteps: 7, overflows: 3 }
    assert.deepEqual(startingScale(setting, saved), saved)
    const fixed = settingOf({ mode: 'static', value: 1024 })
    assert.equal(startingScale(fixed, saved).scale, 1024)
    assert.equal(afterCleanStep({ ...fixed, growthInterval: 1 }, startingScale(fixed)).scale, 1024)
    assert.equal(afterOverflow(fixed, startingScale(fixed)), null)
  })
})

// The plain JavaScript backend scales the loss and finds overflows like any other, in float32.
describe('a run with a loss scale', () => {
  let place: TinyPlace
  before(async () => {
    place = await tinyPlace()
    await startBackend('cpu')
  })
  after(() => place.remove())
  afterEach(async () => {
    mock.restoreAll()
    await rm(join(place.folder, 'run'), { recursive: true, force: true })
    await rm(join(place.folder, 'other'), { recursive: true, force: true })
  })

  const dynamic = (value: number, growthInterval = 2000) => ({
    precision: { lossScale: { mode: 'dynamic', value, growthInterval, max: 2 ** 40 } },
  })
  const stateOf = async (folder = 'run') => {
    const checkpoints = join(place.folder, folder, 'checkpoints')
    const [newest] = await listCheckpoints(checkpoints)
    return (await loadCheckpoint(join(checkpoints, newest!), { withOptimizer: false })).state
  }

  it('ends in the same weights as without one: a power of two changes no bit', async () => {
    await train(tinyOrder(place, dynamic(1024)), recorder())
    await train(tinyOrder(place, {}, { folder: join(place.folder, 'other') }), recorder())
    const scaled = await finalTensors(join(place.folder, 'run'))
    const plain = await finalTensors(join(place.folder, 'other'))
    assert.ok(scaled.tensors.equals(plain.tensors))
  })

  /** Gradients become infinite at these steps, counted from 1, whatever the scale. */
  function overflowAt(...steps: number[]): void {
    const { create } = crossEntropy
    mock.method(crossEntropy, 'create', (options: Parameters<typeof create>[0]) => {
      const loss = create(options)
      let step = 0
      const of: typeof loss.of = (outputs, targets) => {
        if (!steps.includes(++step)) return loss.of(outputs, targets)
        // The value is finite, its gradient is not.
        const broken = tf.customGrad(x => ({
          value: tf.mean(x as tf.Tensor),
          gradFunc: () => tf.fill((x as tf.Tensor).shape, Infinity),
        }))
        return broken(outputs['logits']!) as tf.Scalar
      }
      return { ...loss, of }
    })
  }

  it('leaves out the steps that overflow, shows the scale, and ends as if nothing were wrong', async () => {
    overflowAt(3, 4, 6)
    const ports = recorder()
    const outcome = await train(tinyOrder(place, dynamic(1024, 2)), ports)
    assert.equal(outcome.outcome, 'finished')
    const points = ports.of('points').flatMap(({ points: all }) => all)
    const scales = points.flatMap(({ values }) => values['train/lossScale'] ?? [])
    // Doubled after two clean steps, halved by an overflow.
    assert.deepEqual(scales, [1024, 1024, 2048, 1024, 512, 512, 256, 256, 512, 512])
    assert.deepEqual((await stateOf()).lossScale, { scale: 1024, cleanSteps: 0, overflows: 3 })
    const said = ports.logs('info').filter(text => text.includes('overflowed'))
    assert.equal(said.length, 2, 'the first and the second; not each of them')
    assert.match(
      said[0]!,
      /Step 3: the gradient of .* overflowed at loss scale 2048\. .* now 1024 \(the first\)/,
    )
    assert.deepEqual(ports.logs('warning'), [])
  })

  it('resumes with the scale and the count that it was killed with, to the last bit', async () => {
    overflowAt(2)
    const folder = join(place.folder, 'other')
    await train(tinyOrder(place, dynamic(4, 5), { folder }), recorder())
    mock.restoreAll()
    overflowAt(2)
    await train(
      tinyOrder(place, dynamic(4, 5)),
      recorder((_, messages) =>
        messages.some(m => m.type === 'checkpoint' && m.checkpoint.step === 4) ? 'stop' : null,
      ),
    )
    const stopped = await stateOf()
    assert.ok(stopped.step < 10)
    assert.notEqual(stopped.lossScale.cleanSteps, 0)
    mock.restoreAll()
    await train(tinyOrder(place, dynamic(4, 5), { resume: true, attempt: 2 }), recorder())
    assert.deepEqual((await stateOf()).lossScale, (await stateOf('other')).lossScale)
    const [resumed, whole] = await Promise.all([
      finalTensors(join(place.folder, 'run')),
      finalTensors(folder),
    ])
    assert.ok(resumed.tensors.equals(whole.tensors))
  })

  it('stops as its policy says when no scale helps, naming the scale', async () => {
    overflowAt(...Array.from({ length: 10 }, (_, step) => step + 1))
    const ports = recorder()
    const outcome = await train(
      tinyOrder(place, { ...dynamic(1), 'precision.lossScale.backoff': 0.01 }),
      ports,
    )
    assert.equal(outcome.outcome, 'stopped')
    assert.equal(outcome.step, 2)
    assert.match(ports.logs('error')[0]!, /Step 3: the gradient of .* is not finite at loss scale 0\.0001\./)
  })

  it('takes a static scale’s overflow, and a loss that is not finite, as the policy’s affair', async () => {
    overflowAt(3)
    const precision = { lossScale: { mode: 'static', value: 1024 } }
    const ports = recorder()
    assert.equal((await train(tinyOrder(place, { precision }), ports)).outcome, 'stopped')
    assert.match(ports.logs('error')[0]!, /Step 3: .* not finite at loss scale 1024/)
    mock.restoreAll()
    await rm(join(place.folder, 'run'), { recursive: true, force: true })
    const { create } = crossEntropy
    mock.method(crossEntropy, 'create', (options: Parameters<typeof create>[0]) => {
      const loss = create(options)
      const of: typeof loss.of = (outputs, targets) => tf.mul(loss.of(outputs, targets), NaN)
      return { ...loss, of }
    })
    assert.equal((await train(tinyOrder(place, dynamic(1024)), recorder())).outcome, 'stopped')
  })
})

it('a run asks a backend for what it lacks: it fails before it opens the data, naming field, backend and remedy', async () => {
  const place = await tinyPlace()
  try {
    const config = tinyConfig({ backend: 'auto', precision: { level: 'O2' } })
    const order = {
      ...tinyOrder(place),
      config,
      dataset: { ...place.dataset, path: '/nowhere', indexPath: '/nowhere' },
    }
    const ports = {
      ...recorder(),
      startBackend: (_: string, storages: Parameters<typeof startBackend>[1]) =>
        startBackend('wasm', storages),
    }
    await assert.rejects(train(order, ports), {
      code: 'invalid-config',
      message:
        /precision\.compute: bfloat16 cannot be had: the backend 'wasm' computes in float32 alone\. Set precision\.level to O0/,
    })
  } finally {
    await place.remove()
  }
})
