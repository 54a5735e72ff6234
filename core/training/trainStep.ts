/** One step: forward, backward, a look at loss and gradients, and only then the update. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from '../data/index.ts'
import type { StepResult } from '../graph/index.ts'
import type { Loss } from '../losses/shared/loss.ts'
import { metrics } from '../metrics/index.ts'
import { imageTensor, type InputScale } from '../evaluation/imageTensor.ts'
import { createBuckets, type GradientBuckets } from './gradientBuckets.ts'
import type { Learner } from './learner.ts'
import type { Collective } from './ports.ts'

export interface StepFigures {
  /** Of the batch, before the update; where ranks share it, of all of it. */
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
  /** Factor of the gradients on their way through the network, taken out again by the update. Default 1. */
  readonly lossScale?: number
  /** Counted from 0. */
  readonly step: number
  readonly seed: number
  /** The ranks that have the other parts of the batch; null or left out where this is all of it. */
  readonly collective?: Collective | null
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
  const { lossScale = 1 } = setting
  const buckets = setting.collective ? createBuckets(setting.collective) : null
  const own = new Map<string, tf.Tensor>()
  const { loss, outputs } = pass(
    learner,
    batch,
    setting,
    (name, gradient) => {
      if (buckets) buckets.add(name, gradient)
      else own.set(name, gradient)
    },
    () => buckets?.abandon(),
  )
  const finite = buckets ? null : allFinite([...own.values()]) // []
  const [[lossValue], ownFinite, logits] = await Promise.all([
    loss.data(),
    finite?.data() ?? null,
    outputs['logits']!.data(),
  ])
  tf.dispose([loss, finite ?? [], ...Object.values(outputs)])
  const ownFigures = {
    loss: lossValue!,
    ...accuracy(logits as Float32Array, batch.labels, setting.classCount),
  }
  const { gradients, figures } = buckets
    ? await averaged(buckets, ownFigures)
    : { gradients: own, figures: ownFigures }
  const isFinite = (ownFinite ?? (await readOnce(allFinite([...gradients.values()]))))[0]

  const isLossFinite = Number.isFinite(figures.loss)
  const isGood = isLossFinite && Number.isFinite(isFinite)
  const nonFinite = isGood ? null : isLossFinite ? await firstNonFinite(gradients) : 'loss'
  if (isGood) {
    const { learningRate, step: at } = setting
    learner.update(gradients, { learningRate, step: at, gradientScale: 1 / lossScale })
  } else tf.dispose([...gradients.values()])
  return { ...figures, nonFinite }
}

/** Forward and backward over the batch. The caller disposes of loss and outputs, and owns each gradient. */
function pass(
  learner: Learner,
  batch: Batch,
  setting: StepSetting,
  onGradient: (name: string, gradient: tf.Tensor) => void,
  onFailure: () => void,
): StepResult {
  const { lossScale = 1, classCount } = setting
  const images = imageTensor(batch, setting.input, learner.executor.precision.storage) // [B,H,W,C]
  const labels = tf.tensor1d(batch.labels, 'int32') // [B]
  try {
    return learner.executor.train(images, heads => setting.loss(heads, { labels, classCount }), {
      seed: stepSeed(setting.seed, setting.step),
      lossScale,
      onGradient: ({ name }, gradient) => onGradient(name, gradient),
    })
  } catch (thrown) {
    onFailure()
    throw thrown
  } finally {
    tf.dispose([images, labels])
  }
}

type Figures = Omit<StepFigures, 'nonFinite'>

/** Gradients and figures as means over all ranks. The figures travel with the last bucket. */
async function averaged(
  buckets: GradientBuckets,
  { loss, top1, top5 }: Figures,
): Promise<{ readonly gradients: ReadonlyMap<string, tf.Tensor>; readonly figures: Figures }> {
  const key = ' figures' // no parameter's name begins like this
  buckets.add(key, tf.tensor1d([loss, top1, top5]))
  const gradients = await buckets.finish()
  const means = await readOnce(gradients.get(key)!)
  gradients.delete(key)
  return { gradients, figures: { loss: means[0]!, top1: means[1]!, top5: means[2]! } }
}

/** A tensor's values; it is disposed of. */
async function readOnce(tensor: tf.Tensor): Promise<ArrayLike<number>> {
  const values = await tensor.data()
  tensor.dispose()
  return values
}

/** A number that is finite when all values are, so that one small read answers for every gradient. */
function allFinite(gradients: readonly tf.Tensor[]): tf.Tensor {
  if (tf.getKernel('AllFinite', tf.getBackend()))
    return tf.engine().runKernel('AllFinite', gradients as unknown as tf.NamedTensorMap)
  // A sum is NaN or infinite as soon as one of its terms is.
  return tf.tidy(() => tf.addN(gradients.map(gradient => tf.sum(gradient))))
}

/** The name of a parameter whose gradient is not finite. */
async function firstNonFinite(gradients: ReadonlyMap<string, tf.Tensor>): Promise<string> {
  const probes = tf.tidy(() => tf.stack([...gradients.values()].map(gradient => tf.sum(gradient)))) // [P]
  const probed = await probes.data()
  probes.dispose()
  return [...gradients.keys()][probed.findIndex(value => !Number.isFinite(value))] ?? 'several parameters'
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
