/** The executor against tfjs's own tape: loss and every gradient within 1e-5. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { tapeStep } from './tape.ts'
import { startBackend } from '../../core/backend/index.ts'
import { createExecutor, type Executor, type Graph } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { crossEntropyOf, relativeError } from './compare.ts'
import { fillByFormula, formulaImages, formulaLabels } from './formula.ts'

const classes = 5
const cases = [
  { model: 'cifar-resnet8', options: { width: 4 }, size: 9, channels: 1, batch: 3, backend: 'cpu' },
  { model: 'resnet18', options: {}, size: 48, channels: 3, batch: 4, backend: 'wasm' },
  { model: 'resnet50', options: {}, size: 48, channels: 3, batch: 4, backend: 'wasm' },
]

for (const { model, options, size, channels, batch, backend } of cases) {
  test(`${model} on ${backend} agrees with tfjs's tape within 1e-5`, async t => {
    await startBackend(backend)
    const graph: Graph = models.create({ name: model, options })({
      height: size,
      width: size,
      channels,
      classCount: classes,
    })
    const executor = createExecutor(graph, { seed: 1 })
    fillByFormula(executor, 1)
    const images = formulaImages(1, [batch, size, size, channels])
    const worst = compare(executor, images)
    t.diagnostic(`worst gradient: ${worst[0]} ${worst[1].toExponential(2)}`)
    assert.ok(worst[1] <= 1e-5, `${worst[0]}: relative L2 error ${worst[1]}`)
    images.dispose()
    executor.dispose()
  })
}

function compare(executor: Executor, images: tf.Tensor4D): [string, number] {
  const lossOf = crossEntropyOf(formulaLabels(images.shape[0], classes), classes)
  const oracle = tapeStep(executor, images, lossOf)
  const errors: [string, number][] = []
  const { loss, outputs } = executor.train(images, lossOf, {
    seed: 0,
    onGradient: ({ name }, gradient) => {
      errors.push([name, relativeError(gradient.dataSync(), oracle.gradients[name]!.dataSync())])
      gradient.dispose()
    },
  })
  assert.ok(
    relativeError(loss.dataSync(), oracle.loss.dataSync()) <= 1e-5,
    `loss ${loss.dataSync()[0]}, tape ${oracle.loss.dataSync()[0]}`,
  )
  assert.equal(errors.length, executor.parameters.names().length)
  tf.dispose([loss, outputs, oracle.loss, oracle.gradients])
  return errors.sort((a, b) => b[1] - a[1])[0]!
}
