/** Peak tensor memory of a ResNet-50 training step, at full size on a backend without values, against tfjs's own tape. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { tapeStep } from './tape.ts'
import { createExecutor } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { peakBytesOf, registerNullBackend } from '../backend/nullBackend.ts'
import { crossEntropyOf } from './compare.ts'
import { formulaLabels } from './formula.ts'

const batch = 32
const classes = 1000
const limit = 0.7

test(`a ResNet-50 step needs at most ${limit} times the tensor memory of tfjs's tape`, async t => {
  registerNullBackend()
  await tf.setBackend('null')
  const graph = models.create({ name: 'resnet50' })({
    height: 224,
    width: 224,
    channels: 3,
    classCount: classes,
  })
  const executor = createExecutor(graph, { seed: 0 })
  const images = tf.zeros([batch, 224, 224, 3]) as tf.Tensor4D
  const lossOf = crossEntropyOf(formulaLabels(batch, classes), classes)
  const tensors = tf.memory().numTensors

  const tape = peakBytesOf(() => {
    const { loss, gradients } = tapeStep(executor, images, lossOf)
    tf.dispose([loss, gradients])
  })
  // As the tape does, this step holds every gradient to its end; a trainer frees each after its update.
  const ours = peakBytesOf(() => {
    const gradients: Tensor[] = []
    const { loss, outputs } = executor.train(images, lossOf, {
      seed: 0,
      onGradient: (_, gradient) => gradients.push(gradient),
    })
    tf.dispose([loss, outputs, gradients])
  })
  assert.equal(tf.memory().numTensors, tensors, 'tensors left behind')
  const ratio = ours / tape
  t.diagnostic(
    `executor ${(ours / 2 ** 20).toFixed(0)} MiB, tape ${(tape / 2 ** 20).toFixed(0)} MiB, ratio ${ratio.toFixed(3)}`,
  )
  assert.ok(ratio <= limit, `ratio ${ratio}`)
})
