/** The estimate of a step's memory against what the executor really keeps, counted on a backend without values. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { batchThatFits, createExecutor, estimateMemory, type Graph } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'
import { peakBytesOf, registerNullBackend } from '../../backend/nullBackend.ts'
import { crossEntropyOf } from '../../parity/compare.ts'
import { formulaLabels } from '../../parity/formula.ts'

/** It may be above what is needed by this share, and below it by a tenth of that. */
const tolerance = 0.12
const classes = 1000

function graphOf(name: string, size: number): Graph {
  return models.create({ name })({ height: size, width: size, channels: 3, classCount: classes })
}

/** Bytes of tensors that a step has at its peak, parameters included. */
function measuredBytes(graph: Graph, batch: number): number {
  const others = tf.memory().numBytes
  const executor = createExecutor(graph, { seed: 0 })
  const [height, width, channels] = graph.inputShape
  const images = tf.zeros([batch, height, width, channels]) as tf.Tensor4D
  const lossOf = crossEntropyOf(formulaLabels(batch, classes), classes)
  const peak = peakBytesOf(() => {
    const gradients: Tensor[] = []
    const { loss, outputs } = executor.train(images, lossOf, {
      seed: 0,
      onGradient: (_, gradient) => gradients.push(gradient),
    })
    tf.dispose([loss, outputs, gradients])
  })
  executor.dispose()
  images.dispose()
  return peak - others
}

describe('the estimate of memory', () => {
  before(async () => {
    registerNullBackend()
    await tf.setBackend('null')
  })

  for (const [name, size, batch] of [
    ['resnet18', 224, 4],
    ['resnet18', 96, 64],
    ['resnet50', 224, 32],
  ] as const) {
    it(`is close to what ${name} needs for ${batch} images of ${size} pixels`, t => {
      const graph = graphOf(name, size)
      const { fixedBytes, bytesPerImage } = estimateMemory(graph, { slotValues: 0 })
      const ratio = (fixedBytes + batch * bytesPerImage) / measuredBytes(graph, batch)
      t.diagnostic(`estimate ÷ measured ${ratio.toFixed(3)}`)
      assert.ok(ratio > 1 - tolerance / 10 && ratio < 1 + tolerance, `ratio ${ratio}`)
    })
  }

  it('halves with 16-bit activations, and counts each of the optimizer’s tensors', () => {
    const graph = graphOf('resnet50', 224)
    const full = estimateMemory(graph, { slotValues: 0 })
    const precision = { compute: 'bfloat16', storage: 'bfloat16', weights: 'float32' } as const
    const parameters = graph.nodes.flatMap(node => node.parameters)
    const values = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    const half = estimateMemory(graph, { precision, slotValues: values })
    assert.ok(half.bytesPerImage > 0.5 * full.bytesPerImage && half.bytesPerImage < 0.53 * full.bytesPerImage)
    assert.equal(half.fixedBytes - full.fixedBytes, 4 * values)
  })

  it('says how many images fit, and none when even one does not', () => {
    const estimate = { fixedBytes: 100, bytesPerImage: 10 }
    assert.equal(batchThatFits(estimate, 159), 5)
    assert.equal(batchThatFits(estimate, 109), 0)
    assert.equal(batchThatFits(estimate, 50), 0)
  })
})
