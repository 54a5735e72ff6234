/**
 * Training in 16 bits on the backend that can: gradients and losses are as near to float64 as PyTorch's own bfloat16, levels do what
 * they say, and a run that was interrupted ends in the same bits. References: test/parity/fixtures/make_mixed.py.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { scalarTypes } from '../../core/backend/torch/binding.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import { parseConfig, resolvePrecision } from '../../core/experiment/index.ts'
import { createExecutor, GraphBuilder, type Executor, type GraphPrecision } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { sgd } from '../../core/optimizers/sgd.ts'
import { withoutTorch } from './torchAddon.ts'
import { createLearner } from '../../core/training/learner.ts'
import { crossEntropyOf } from '../parity/compare.ts'
import {
  fillByFormula,
  formulaImages,
  formulaLabels,
  inTorchOrder,
  sketchedError,
} from '../parity/formula.ts'

interface Errors {
  readonly gradientError: number
  readonly lossErrors: readonly number[]
}
interface Fixture {
  readonly seed: number
  readonly size: number
  readonly batch: number
  readonly classes: number
  readonly learningRate: number
  readonly momentum: number
  readonly losses: readonly number[]
  readonly torch: { readonly autocast: Errors; readonly pure: Errors }
  readonly gradients: Readonly<Record<string, { readonly norm: number; readonly sketch: readonly number[] }>>
}
const fixture = JSON.parse(
  readFileSync(new URL('../parity/fixtures/mixed.json', import.meta.url), 'utf8'),
) as Fixture
const { seed, size, batch, classes, learningRate, momentum } = fixture

type Half = 'bfloat16' | 'float16'
const halves: readonly Half[] = ['bfloat16', 'float16']
const levels = ['O1', 'O2', 'O3'] as const

function precisionOf(level: string, compute: Half): GraphPrecision {
  return resolvePrecision(parseConfig({ model: 'resnet18', precision: { level, compute } }).precision)
}

function resnet18(precision?: GraphPrecision): Executor {
  const graph = models.create({ name: 'resnet18' })({
    height: size,
    width: size,
    channels: 3,
    classCount: classes,
  })
  const executor = createExecutor(graph, precision ? { seed: 0, precision } : { seed: 0 })
  fillByFormula(executor, seed)
  return executor
}

const lossOf = crossEntropyOf(formulaLabels(batch, classes), classes)

/** Error of all gradients together against float64, with constant batch-norm statistics. */
function gradientError(precision: GraphPrecision | undefined, lossScale: number): number {
  const executor = resnet18(precision)
  const images = formulaImages(seed, [batch, size, size, 3])
  let squares = 0
  const { loss, outputs } = executor.train(images, lossOf, {
    seed: 0,
    frozenBatchNorm: true,
    lossScale,
    onGradient: ({ name }, gradient) => {
      const unscaled = tf.div(gradient, lossScale)
      const reference = fixture.gradients[name]!
      squares += (sketchedError(name, inTorchOrder(unscaled), reference) * reference.norm) ** 2
      tf.dispose([unscaled, gradient])
    },
  })
  tf.dispose([loss, outputs, images])
  executor.dispose()
  const norms = Object.values(fixture.gradients).reduce((sum, { norm }) => sum + norm ** 2, 0)
  return Math.sqrt(squares / norms)
}

/** Losses of SGD steps in training mode. */
function losses(precision: GraphPrecision | undefined, lossScale: number): number[] {
  const learner = createLearner(
    resnet18(precision),
    sgd.create({ momentum, nesterov: false, weightDecay: 0, noDecay: 'none' }),
  )
  const images = formulaImages(seed, [batch, size, size, 3])
  const values = fixture.losses.map((_, step) => {
    const gradients = new Map<string, tf.Tensor>()
    const { loss, outputs } = learner.executor.train(images, lossOf, {
      seed: 0,
      lossScale,
      onGradient: ({ name }, gradient) => void gradients.set(name, gradient),
    })
    learner.update(gradients, { learningRate, step, stepsPerEpoch: 10, gradientScale: 1 / lossScale })
    const [value] = loss.dataSync()
    tf.dispose([loss, outputs])
    return value!
  })
  learner.dispose()
  images.dispose()
  return values
}

/** A network that has every kind of operation. */
function gradientsOfEveryOp(precision: GraphPrecision | undefined): Map<string, Float32Array> {
  const g = new GraphBuilder('every-op', [12, 12, 3])
  const stem = g.relu('relu', g.conv('conv', g.input, { filters: 8, kernel: 3, padding: 1, bias: true }))
  const pooled = g.maxPool('max', stem, { kernel: 3, stride: 2, padding: 1 })
  const averaged = g.avgPool('avg', stem, { kernel: 3, stride: 2, padding: 1 })
  const both = g.batchNorm('bn', g.concat('both', [pooled, averaged]))
  const shortcut = g.shortcutA('shortcut', both, { stride: 2, channels: 24 })
  const branch = g.conv('branch', both, { filters: 24, kernel: 1, stride: 2, bias: true })
  const sum = g.add('sum', [branch, shortcut])
  const hidden = g.dense('hidden', g.globalAvgPool('pool', sum), { units: 16 })
  const flat = g.dropout(
    'dropout',
    g.flatten('flat', g.conv('last', sum, { filters: 4, kernel: 3, bias: true })),
    0.2,
  )
  const logits = g.dense('fc', g.concat('features', [g.relu('hidden.relu', hidden), flat]), { units: 5 })
  const executor = createExecutor(g.build({ logits }), precision ? { seed: 3, precision } : { seed: 3 })
  const images = formulaImages(seed, [6, 12, 12, 3])
  const gradients = new Map<string, Float32Array>()
  const { loss, outputs } = executor.train(images, crossEntropyOf(formulaLabels(6, 5), 5), {
    seed: 5,
    onGradient: ({ name }, gradient) => {
      gradients.set(name, gradient.dataSync() as Float32Array)
      gradient.dispose()
    },
  })
  tf.dispose([loss, outputs, images])
  executor.dispose()
  return gradients
}

function distance(a: Float32Array, b: Float32Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
  return Math.sqrt(squares / b.reduce((sum, value) => sum + value ** 2, 1e-12))
}

/** How libtorch keeps a tensor. */
function storageOf(tensor: tf.Tensor): string {
  const { addon } = tf.backend() as TorchBackend
  const code = addon.dtype((tensor.dataId as { handle: number }).handle)
  return Object.entries(scalarTypes).find(([, each]) => each === code)![0]
}

describe('16 bits on torch', { skip: withoutTorch }, () => {
  before(() => startBackend('torch', ['float32', 'bfloat16', 'float16']))

  for (const half of halves) {
    it(`StorageCast to ${half} rounds as the composition does, and reads as float32`, async () => {
      const values = Float32Array.from(
        { length: 4096 },
        (_, i) => Math.sin(i * 12.9898) * 2 ** ((i % 40) - 26),
      )
      values.set([0, -0, NaN, Infinity, -Infinity, 65504, 65519, 65520, 2 ** -24, 2 ** -26])
      const round = (): Float32Array =>
        tf
          .tidy(
            () =>
              tf
                .engine()
                .runKernel('StorageCast', { x: tf.tensor1d(values) }, { storage: half }) as tf.Tensor,
          )
          .dataSync() as Float32Array
      const ours = round()
      await startBackend('cpu')
      const reference = round()
      await startBackend('torch')
      assert.deepEqual([...ours], [...reference])
    })

    for (const level of levels) {
      it(`${level} keeps in ${half} what it says, and leaves no tensor behind`, () => {
        const precision = precisionOf(level, half)
        const executor = resnet18(precision)
        const images = formulaImages(seed, [batch, size, size, 3])
        const count = tf.memory().numTensors
        const gradientStorages = new Set<string>()
        const { loss, outputs } = executor.train(images, lossOf, {
          seed: 0,
          onGradient: (_, gradient) => {
            gradientStorages.add(storageOf(gradient))
            gradient.dispose()
          },
        })
        const kept = level === 'O3' ? half : 'float32'
        assert.deepEqual([...gradientStorages], ['float32'])
        assert.deepEqual([storageOf(loss), storageOf(outputs['logits']!)], ['float32', 'float32'])
        assert.equal(storageOf(executor.parameters.get('layer1.0.conv1.weight')), kept)
        assert.equal(storageOf(executor.parameters.get('fc.bias')), kept)
        assert.equal(storageOf(executor.parameters.get('bn1.weight')), 'float32')
        assert.equal(storageOf(executor.buffers.get('bn1.running_var')), 'float32')
        tf.dispose([loss, outputs])
        assert.equal(tf.memory().numTensors, count)
        executor.dispose()
        images.dispose()
      })
    }
  }

  for (const [level, kind] of [
    ['O1', 'autocast'],
    ['O2', 'autocast'],
    ['O3', 'pure'],
  ] as const) {
    it(`gradients of ${level} are about as near to float64 in bfloat16 as PyTorch's, and nearer in float16`, t => {
      const theirs = fixture.torch[kind].gradientError
      const ours = gradientError(precisionOf(level, 'bfloat16'), 1)
      const float16 = gradientError(precisionOf(level, 'float16'), 8)
      t.diagnostic(
        `bfloat16 ${ours.toExponential(2)}, PyTorch ${theirs.toExponential(2)}, float16 ${float16.toExponential(2)}`,
      )
      assert.ok(ours <= 1.5 * theirs, `${ours}, PyTorch ${theirs}`)
      assert.ok(float16 <= 0.4 * ours, `float16 ${float16}, bfloat16 ${ours}`)
    })
  }

  for (const half of halves)
    it(`every operation of a graph takes ${half}, with biases and dropout between them`, () => {
      for (const level of levels) {
        const [plain, mixed] = [undefined, precisionOf(level, half)].map(gradientsOfEveryOp)
        for (const [name, gradient] of plain!) {
          const error = distance(mixed!.get(name)!, gradient)
          // A ReLU or a maximum that a rounding tips over moves single values by much.
          assert.ok(error < (half === 'bfloat16' ? 0.2 : 0.05), `${level}, ${name}: ${error}`)
        }
      }
    })

  it('float32 is float32 still', () => {
    assert.ok(gradientError(undefined, 1) < 1e-4)
  })

  for (const half of halves) {
    it(`training in ${half} follows float64 at every level`, t => {
      for (const level of levels) {
        const found = losses(precisionOf(level, half), half === 'float16' && level !== 'O3' ? 1024 : 1)
        const errors = found.map(
          (loss, step) => Math.abs(loss - fixture.losses[step]!) / fixture.losses[step]!,
        )
        const theirs = fixture.torch[level === 'O3' ? 'pure' : 'autocast'].lossErrors
        t.diagnostic(
          `${level}: ${errors.map(each => each.toExponential(1))}; PyTorch in bfloat16 ${theirs.map(each => each.toExponential(1))}`,
        )
        // One step's error is a draw; the largest of all steps is steadier.
        assert.ok(Math.max(...errors) <= 2 * Math.max(...theirs), `${level}: ${errors}; PyTorch ${theirs}`)
      }
    })
  }
})
