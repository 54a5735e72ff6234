/** Whole runs in 16 bits: interrupted and resumed, evaluated from their checkpoints, refused, warned, and out of memory. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { backends } from '../../core/backend/backends/index.ts'
import { slowStorages, startBackend, type BackendEntry } from '../../core/backend/index.ts'
import { ableOf } from '../../core/backend/start.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import { listCheckpoints, loadCheckpoint } from '../../core/checkpoints/index.ts'
import { mixedBackends } from '../../core/experiment/index.ts'
import { evaluate } from '../../core/evaluation/index.ts'
import { createExecutor, estimateMemory, type GraphPrecision } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { train } from '../../core/training/index.ts'
import { finalTensors, recorder, tinyOrder, tinyPlace, type TinyPlace } from '../crash/tinyRun.ts'
import { crossEntropyOf } from '../parity/compare.ts'
import { formulaLabels } from '../parity/formula.ts'
import { withoutTorch } from './torchAddon.ts'

describe('a run in 16 bits', { skip: withoutTorch }, () => {
  let place: TinyPlace
  before(async () => {
    place = await tinyPlace()
  })
  after(() => place.remove())
  afterEach(async () => {
    for (const folder of ['run', 'other'])
      await rm(join(place.folder, folder), { recursive: true, force: true })
  })

  const newest = async (folder: string): Promise<string> => {
    const checkpoints = join(place.folder, folder, 'checkpoints')
    return join(checkpoints, (await listCheckpoints(checkpoints))[0]!)
  }
  /** Overflows at first: the scale is too large for float16 by far. */
  const lossScale = { mode: 'dynamic', value: 2 ** 30, max: 2 ** 30, growthInterval: 3 }

  for (const precision of [
    { level: 'O2' },
    { level: 'O1', compute: 'float16', lossScale },
    { level: 'O2', compute: 'float16', lossScale },
    { level: 'O3' },
  ]) {
    const changes = { backend: 'torch', precision, 'training.epochs': 4, 'checkpoints.everySteps': 9 }

    it(`that stops and goes on ends in the bits of one that never stopped: ${JSON.stringify(precision)}`, async () => {
      const folder = join(place.folder, 'other')
      await train(tinyOrder(place, changes, { folder }), recorder())
      await train(
        tinyOrder(place, changes),
        recorder((_, messages) =>
          messages.some(each => each.type === 'checkpoint' && each.checkpoint.step === 9) ? 'stop' : null,
        ),
      )
      const stopped = await loadCheckpoint(await newest('run'), { withOptimizer: true })
      assert.ok(stopped.state.step >= 9 && stopped.state.step < 20)
      // Masters and momentum are float32 in the file, whatever the level.
      for (const tensor of [...stopped.model.values(), ...stopped.optimizer.values()])
        assert.equal(tensor.dtype, 'F32')
      const outcome = await train(tinyOrder(place, changes, { resume: true, attempt: 2 }), recorder())
      assert.equal(outcome.step, 20)
      const [resumed, whole] = await Promise.all([
        finalTensors(join(place.folder, 'run')),
        finalTensors(folder),
      ])
      assert.ok(resumed.tensors.equals(whole.tensors))
      const states = await Promise.all(
        ['run', 'other'].map(
          async each => (await loadCheckpoint(await newest(each), { withOptimizer: false })).state,
        ),
      )
      assert.deepEqual(states[0]!.lossScale, states[1]!.lossScale)
      if ('lossScale' in precision) assert.ok(states[0]!.lossScale.overflows > 0)
    })
  }

  it('is evaluated in its precision: a checkpoint alone gives the figures of the validation', async () => {
    const ports = recorder()
    await train(tinyOrder(place, { backend: 'torch', precision: { level: 'O2' } }), ports)
    const order = { checkpointPath: await newest('run'), dataset: place.dataset, split: null }
    const quiet = { progress: () => {}, isCancelled: () => false }
    const figures = await evaluate({ ...order, startBackend }, quiet)
    const { metrics } = (await loadCheckpoint(order.checkpointPath, { withOptimizer: false })).state
    assert.deepEqual([figures?.loss, figures?.top1], [metrics['val/loss'], metrics['val/top1']])
    // Where a backend has float32 alone, the masters can still be looked at.
    const plain = await evaluate(
      { ...order, startBackend: (_, storages) => startBackend('cpu', storages) },
      quiet,
    )
    assert.ok(Math.abs(plain!.loss - figures!.loss) < 0.02 * figures!.loss)
    assert.notEqual(plain!.loss, figures!.loss)
  })

  it('that does not fit into memory says which batch size would, measured by what there is', async () => {
    await startBackend('torch', ['float32', 'bfloat16'])
    const { addon } = tf.backend() as TorchBackend
    const before = addon.arenaFigures().limitBytes
    const config = {
      backend: 'torch',
      model: { name: 'cifar-resnet8', options: { width: 64 } },
      input: { size: 64, channels: 1, mean: [0.4], std: [0.3] },
      precision: { level: 'O2' },
      'training.batchSize': 16,
    }
    addon.limitMemory(addon.arenaFigures().usedBytes + 40 * 2 ** 20)
    try {
      await assert.rejects(train(tinyOrder(place, config), recorder()), {
        code: 'out-of-memory',
        message:
          /a step of 16 images of 64 × 64 needs about \d+ MB, of \d+ MB there are\. Set training\.batchSize to [1-8] or less/,
      })
    } finally {
      addon.limitMemory(before)
    }
  })

  it('warns on a processor without instructions for them, and only there', () => {
    const zen4 = 'processor : 0\nflags\t\t: fpu avx512f avx512_bf16\n'
    const old = 'processor : 0\nflags\t\t: fpu sse4_2 avx2\n'
    assert.deepEqual(slowStorages(['float32', 'bfloat16'], zen4), [])
    assert.match(
      slowStorages(['float32', 'float16'], zen4)[0]!,
      /^float16 works on this processor but is slow.*avx512_fp16/,
    )
    assert.match(
      slowStorages(['bfloat16'], old)[0]!,
      /^bfloat16 works on this processor but is slow.*avx512_bf16 nor amx_bf16/,
    )
    assert.deepEqual(slowStorages(['float32'], old), [])
    assert.deepEqual(slowStorages(['bfloat16'], null), [], 'not known')
  })
})

describe('backends that cannot', () => {
  const entries: readonly BackendEntry[] = backends

  it('are those that the configuration refuses', () => {
    for (const { name, storages = ['float32'] } of entries)
      assert.equal(storages.includes('bfloat16'), mixedBackends.includes(name), name)
  })

  it('are refused by name before they are looked for, and passed over by auto', async () => {
    for (const { name } of entries.filter(each => !mixedBackends.includes(each.name)))
      await assert.rejects(startBackend(name, ['bfloat16']), {
        code: 'invalid-config',
        message: new RegExp(
          `precision\\.compute: bfloat16 cannot be had: the backend '${name}' computes in float32 alone\\. Set precision\\.level to O0`,
        ),
      })
    const found = { available: true, kind: 'gpu', device: 'a GPU', detail: '' } as const
    const missing = {
      available: false,
      detail: 'no libtorch was found',
      remedy: 'Run: setup native',
    } as const
    const probed = entries.map(entry => ({ entry, probe: entry.name === 'torch' ? missing : found }))
    assert.equal(ableOf(probed, ['float32']), probed)
    assert.throws(() => ableOf(probed, ['float32', 'bfloat16']), {
      code: 'invalid-config',
      message:
        "precision.compute: bfloat16 cannot be had: no backend here computes in it. torch: no libtorch was found. Run: setup native. Set precision.level to O0, or backend to 'torch'",
    })
    const here = entries.map(entry => ({ entry, probe: found }))
    assert.deepEqual(
      ableOf(here, ['bfloat16']).map(({ entry }) => entry.name),
      ['torch'],
    )
  })
})

describe('the estimate of memory on torch', { skip: withoutTorch }, () => {
  before(() => startBackend('torch', ['float32', 'bfloat16', 'float16']))

  /** Kernels take memory of their own while they run, and free gradients of branches sooner or later than the estimate thinks. */
  const tolerance = 0.15
  const full: GraphPrecision = { compute: 'float32', storage: 'float32', weights: 'float32' }
  const half: GraphPrecision = { compute: 'bfloat16', storage: 'bfloat16', weights: 'float32' }
  const mixed: GraphPrecision = { compute: 'bfloat16', storage: 'float32', weights: 'float32' }

  for (const [words, precision] of [
    ['O0', full],
    ['O1', mixed],
    ['O2', half],
  ] as const) {
    it(`is within ${tolerance * 100} % of the native peak at ${words}`, t => {
      const { addon } = tf.backend() as TorchBackend
      const [size, batch, classes] = [96, 8, 10]
      const graph = models.create({ name: 'resnet18' })({
        height: size,
        width: size,
        channels: 3,
        classCount: classes,
      })
      const before = addon.arenaFigures().usedBytes
      const executor = createExecutor(graph, { seed: 0, precision })
      const images = tf.randomNormal([batch, size, size, 3], 0, 1, 'float32', 3) as tf.Tensor4D
      addon.resetPeak()
      const gradients: tf.Tensor[] = []
      const { loss, outputs } = executor.train(
        images,
        crossEntropyOf(formulaLabels(batch, classes), classes),
        {
          seed: 0,
          onGradient: (_, gradient) => void gradients.push(gradient),
        },
      )
      const peak = addon.arenaFigures().peakBytes - before
      tf.dispose([loss, outputs, images, gradients])
      executor.dispose()
      const { fixedBytes, bytesPerImage } = estimateMemory(graph, { precision, slotValues: 0 })
      const ratio = (fixedBytes + batch * bytesPerImage) / peak
      t.diagnostic(`estimate ÷ measured ${ratio.toFixed(3)}`)
      assert.ok(Math.abs(ratio - 1) <= tolerance, `ratio ${ratio}`)
    })
  }
})
