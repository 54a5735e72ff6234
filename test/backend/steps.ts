/** Training steps on the current backend, for comparison of one backend with another. */
import assert from 'node:assert/strict'
import * as tf from '@tensorflow/tfjs-core'
import { createExecutor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import type { Model } from '../../core/models/shared/model.ts'
import { resnet, resnetDefaults } from '../../core/models/shared/resnet.ts'
import { optimizers } from '../../core/optimizers/index.ts'
import { createLearner } from '../../core/training/learner.ts'
import { trainStep } from '../../core/training/trainStep.ts'
import { fillByFormula } from '../parity/formula.ts'
import { noise } from './cases.ts'

export interface Training {
  /** A model's name; with `depths`, of a torchvision ResNet of bottlenecks with so many blocks per stage. */
  readonly model: string
  readonly options: Readonly<Record<string, unknown>>
  readonly depths?: readonly [number, number, number, number]
  /** Height and width of the images. */
  readonly size: number
  readonly channels: number
  readonly batch: number
  readonly nesterov: boolean
  /** Default 1. */
  readonly steps?: number
}

/** The loss of every step, parameters, buffers, momentum and decay loss after the last, and the prediction after it. */
export async function trained(training: Training): Promise<Map<string, Float32Array>> {
  const { size, channels, batch, nesterov, steps = 1 } = training
  const before = tf.memory().numTensors
  let tensorsAfterFirst = 0
  const graph = modelOf(training)({ height: size, width: size, channels, classCount: 5 })
  const executor = createExecutor(graph, { seed: 1 })
  fillByFormula(executor, 1)
  const sgd = { name: 'sgd', options: { momentum: 0.9, nesterov, weightDecay: 0.01, noDecay: 'bn-and-bias' } }
  const learner = createLearner(executor, optimizers.create(sgd))
  const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing: 0.1 } })
  const mean = new Array<number>(channels).fill(0.5)
  const input = { size, channels, mean, std: mean }
  const results = new Map<string, Float32Array>()
  for (let step = 0; step < steps; step++) {
    const setting = { input, loss, classCount: 5, learningRate: 0.1, step, stepsPerEpoch: 10, seed: 1 }
    const figures = await trainStep(learner, batchOf(batch, size, channels), setting)
    assert.equal(figures.nonFinite, null)
    results.set(`loss ${step}`, Float32Array.of(figures.loss))
    if (step === 0) tensorsAfterFirst = tf.memory().numTensors
    assert.equal(tf.memory().numTensors, tensorsAfterFirst, 'a step leaves tensors behind')
  }
  results.set('decay loss', Float32Array.of(await learner.decayLoss()))
  for (const { name, read } of learner.sources().optimizer) results.set(name, Float32Array.from(await read()))
  for (const table of [executor.parameters, executor.buffers])
    for (const name of table.names()) results.set(name, Float32Array.from(await table.get(name).data()))
  const probe = tf.ones<tf.Rank.R4>([batch, size, size, channels])
  const { logits } = executor.predict(probe, ['logits'])
  results.set('prediction', Float32Array.from(await logits!.data()))
  tf.dispose([probe, logits!])
  learner.dispose()
  assert.equal(tf.memory().numTensors, before, 'tensors left behind')
  return results
}

function modelOf({ model, options, depths }: Training): Model {
  if (depths === undefined) return models.create({ name: model, options })
  return resnet({ name: model, block: 'bottleneck', depths }, resnetDefaults())
}

/** A batch of images and labels that are always the same. */
export function batchOf(count: number, size: number, channels: number): Parameters<typeof trainStep>[1] {
  const pixels = noise([count, size, size, channels], 3).values
  return {
    number: 0,
    epoch: 0,
    images: Uint8Array.from(pixels, value => Math.round(127 + 80 * value)),
    labels: Int32Array.from({ length: count }, (_, index) => (3 * index + 1) % 5),
    indices: new Int32Array(count),
    count,
    bad: [],
    release: () => {},
  }
}
