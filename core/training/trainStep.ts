/** One step: forward, backward, a look at loss and gradients, and only then the update. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from '../data/index.ts'
import type { Loss } from '../losses/shared/loss.ts'
import { metrics } from '../metrics/index.ts'
import { imageTensor, type InputScale } from '../evaluation/imageTensor.ts'
import type { Learner } from './learner.ts'

export interface StepFigures {
  /** Of the batch, before the update. */
  readonly loss: number
  /** Fractions from 0 to 1. */
  readonly top1: number
  readonly top5: number
  /** `loss`, or the parameter whose gradient is not finite; then nothing was changed. Null when all is well. */
  readonly nonFinite: string | null
}

export interface StepSetting {
  readonly input: InputScale
  readonly loss: Loss
  readonly classCount: number
  readonly learningRate: number
  /** Counted from 0. */
  readonly step: number
  readonly seed: number
}

/**
 * Trains on one batch. Loss and gradients are read before the update: when one of them is NaN or infinite, weights, optimizer
 * and running statistics stay as they were; so they do when the step fails before the update.
 */
export async function trainStep(learner: Learner, batch: Batch, setting: StepSetting): Promise<StepFigures> {
  const buffers = learner.snapshotBuffers()
  try {
    const figures = await step(learner, batch, setting)
    if (figures.nonFinite === null) buffers.dispose()
    else buffers.restore()
    return figures
  } catch (thrown) {
    buffers.restore()
    throw thrown
  }
}

/** All of a step but for putting back the running statistics, which the forward pass changes. */
async function step(learner: Learner, batch: Batch, setting: StepSetting): Promise<StepFigures> {
  const gradients = new Map<string, tf.Tensor>()
  const images = imageTensor(batch, setting.input) // [B,H,W,C]
  const labels = tf.tensor1d(batch.labels, 'int32') // [B]
  const { loss, outputs } = learner.executor.train(
    images,
    heads => setting.loss(heads, { labels, classCount: setting.classCount }),
    {
      seed: stepSeed(setting.seed, setting.step),
      onGradient: ({ name }, gradient) => void gradients.set(name, gradient),
    },
  )
  tf.dispose([images, labels])
  // A sum is NaN or infinite as soon as one of its terms is, so that one small read answers for every gradient.
  const probes = tf.tidy(() => tf.stack([loss, ...[...gradients.values()].map(gradient => tf.sum(gradient))])) // [1+P]
  const [probed, logits] = await Promise.all([probes.data(), outputs['logits']!.data()])
  tf.dispose([loss, probes, ...Object.values(outputs)])

  const bad = probed.findIndex(value => !Number.isFinite(value))
  const names = ['loss', ...gradients.keys()]
  if (bad < 0) learner.update(gradients, setting.learningRate, setting.step)
  else tf.dispose([...gradients.values()])
  return {
    loss: probed[0]!,
    ...accuracy(logits as Float32Array, batch.labels, setting.classCount),
    nonFinite: bad < 0 ? null : names[bad]!,
  }
}

/** A seed of its own for each step, so that dropout is a function of (seed, step). */
function stepSeed(seed: number, step: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b)) >>> 0
}

function accuracy(
  logits: Float32Array,
  labels: Int32Array,
  classCount: number,
): { top1: number; top5: number } {
  const figure = (name: string): number => {
    const metric = metrics.create({ name })
    metric.add({ logits, labels, classCount })
    return metric.value()
  }
  return { top1: figure('top1'), top5: figure('top5') }
}
