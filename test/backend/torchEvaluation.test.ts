/** Evaluation on the backend torch: convolution and batch norm as one kernel give what they give one after the other. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { createExecutor } from '../../core/graph/index.ts'
import type { Executor } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { formulaImages, fillByFormula } from '../parity/formula.ts'
import { withoutTorch } from './torchAddon.ts'

const shape = { height: 32, width: 32, channels: 3, classCount: 10 }
const halves = { compute: 'bfloat16', storage: 'bfloat16', weights: 'float32' } as const
const singles = { compute: 'float32', storage: 'float32', weights: 'float32' } as const

describe('evaluation on the backend torch', { skip: withoutTorch }, () => {
  before(async () => void (await startBackend('torch')))
  after(() => loadAddon().setCompositionOnly(false))

  for (const name of ['resnet18', 'cifar-resnet20']) {
    for (const isComposed of [false, true]) {
      for (const [precision, limit] of [
        [singles, 1e-5],
        [halves, 0.05],
      ] as const) {
        const way = isComposed ? "by libtorch's operators" : 'by our kernels'
        test(`${name} in ${precision.storage} ${way}`, () => {
          loadAddon().setCompositionOnly(isComposed)
          const executor = createExecutor(models.create({ name })(shape), { seed: 0, precision })
          fillByFormula(executor, 1)
          const images = formulaImages(1, [3, 32, 32, 3])
          const error = relativeError(predicted(executor, images), oneByOne(executor, images))
          assert.ok(error < limit, `relative error ${error}`)
          executor.dispose()
          images.dispose()
        })
      }
    }
  }

  test('every convolution of a ResNet runs with its batch norm', async () => {
    const executor = createExecutor(models.create({ name: 'resnet18' })(shape), { seed: 0 })
    const images = formulaImages(1, [1, 32, 32, 3]) as tf.Tensor4D
    const { kernels } = await tf.profile(() => executor.predict(images)['logits']!)
    const names = kernels.map(({ name }) => name)
    assert.equal(names.filter(name => name === 'ConvNorm').length, 20)
    assert.ok(!names.includes('Conv2D') && !names.includes('BatchNorm'))
    executor.dispose()
    images.dispose()
  })
})

function predicted(executor: Executor, images: tf.Tensor4D): Float32Array {
  const { logits } = executor.predict(images)
  const values = logits!.dataSync() as Float32Array
  logits!.dispose()
  return values
}

/** A step of training with frozen batch norm computes the same function, kernel by kernel. */
function oneByOne(executor: Executor, images: tf.Tensor4D): Float32Array {
  const { loss, outputs } = executor.train(images, ({ logits }) => tf.sum(logits!), {
    seed: 0,
    frozenBatchNorm: true,
    onGradient: (_, gradient) => gradient.dispose(),
  })
  const values = outputs['logits']!.dataSync() as Float32Array
  tf.dispose([loss, outputs])
  return values
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0))
  return norm(actual.map((value, index) => value - expected[index]!)) / norm(expected)
}
