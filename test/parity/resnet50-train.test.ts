/**
 * ResNet-50 in training mode against PyTorch in float64: our error is at most twice PyTorch float32's own, for every gradient and
 * running statistic of the first step and for the loss of each of five SGD steps.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { createExecutor, type Executor } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { crossEntropyOf } from './compare.ts'
import { fillByFormula, formulaImages, formulaLabels, inTorchOrder, sketchedError } from './formula.ts'
import { parityBackend } from './parityBackend.ts'

interface Reference {
  readonly norm: number
  readonly torchError: number
  readonly sketch: readonly number[]
}

interface Fixture {
  readonly seed: number
  readonly size: number
  readonly batch: number
  readonly classes: number
  readonly learningRate: number
  readonly momentum: number
  readonly losses: readonly number[]
  readonly lossErrors: readonly number[]
  readonly gradients: Readonly<Record<string, Reference>>
  readonly buffers: Readonly<Record<string, Reference>>
}

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/resnet50-train.json', import.meta.url), 'utf8'),
) as Fixture

/** Our error over PyTorch's, by tensor; filled by the first of five steps. */
const ratios = new Map<string, number>()
const lossErrors: number[] = []

before(async () => {
  await startBackend(parityBackend)
  const { size, classes, seed, batch } = fixture
  const shape = { height: size, width: size, channels: 3, classCount: classes }
  const executor = createExecutor(models.create({ name: 'resnet50' })(shape), { seed: 0 })
  fillByFormula(executor, seed)
  const images = formulaImages(seed, [batch, size, size, 3])
  const optimizer = sgd(executor)
  fixture.losses.forEach((expected, step) => {
    const lossOf = crossEntropyOf(formulaLabels(batch, classes), classes)
    const { loss, outputs } = executor.train(images, lossOf, {
      seed: 0,
      onGradient: ({ name }, gradient) => {
        if (step === 0) ratios.set(name, ratioOf(name, gradient, fixture.gradients[name]!))
        optimizer.apply(name, gradient)
      },
    })
    if (step === 0) {
      for (const name of executor.buffers.names())
        ratios.set(name, ratioOf(name, executor.buffers.get(name), fixture.buffers[name]!))
    }
    lossErrors.push(Math.abs(loss.dataSync()[0]! - expected) / expected)
    tf.dispose([loss, outputs])
  })
  optimizer.dispose()
  executor.dispose()
  images.dispose()
})

test('every gradient and running statistic is at most twice as far from float64 as PyTorch in float32', t => {
  const sorted = [...ratios].sort((a, b) => b[1] - a[1])
  const [name, worst] = sorted[0]!
  t.diagnostic(
    `worst of ${sorted.length}: ${name} ${worst.toFixed(2)}; median ${sorted[sorted.length >> 1]![1].toFixed(2)}`,
  )
  assert.equal(sorted.length, Object.keys(fixture.gradients).length + Object.keys(fixture.buffers).length)
  assert.ok(worst <= 2, `${name}: ${worst} times PyTorch's error`)
})

test('the losses of five SGD steps are at most twice as far from float64 as PyTorch in float32', t => {
  t.diagnostic(
    `ours ${lossErrors.map(e => e.toExponential(1))}; PyTorch ${fixture.lossErrors.map(e => e.toExponential(1))}`,
  )
  lossErrors.forEach((error, step) => {
    assert.ok(
      error <= 2 * fixture.lossErrors[step]!,
      `step ${step}: ${error}, PyTorch ${fixture.lossErrors[step]}`,
    )
  })
})

function ratioOf(name: string, ours: tf.Tensor, reference: Reference): number {
  return sketchedError(name, inTorchOrder(ours), reference) / reference.torchError
}

/** SGD with momentum as torch.optim.SGD computes it. */
function sgd({ parameters }: Executor): { apply(name: string, gradient: tf.Tensor): void; dispose(): void } {
  const velocities = new Map<string, tf.Tensor>()
  return {
    apply: (name, gradient) => {
      const old = velocities.get(name)
      const velocity = old
        ? tf.tidy(() => tf.add(tf.mul(old, fixture.momentum), gradient))
        : tf.clone(gradient)
      tf.dispose([old ?? [], gradient])
      velocities.set(name, tf.keep(velocity))
      const value = parameters.get(name)
      parameters.set(
        name,
        tf.tidy(() => tf.sub(value, tf.mul(velocity, fixture.learningRate))),
      )
    },
    dispose: () => tf.dispose([...velocities.values()]),
  }
}
