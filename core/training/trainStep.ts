/** One step: forward, backward, a look at loss and gradients, and only then the update. */
import * as tf from '@tensorflow/tfjs-core'
import type { Batch } from '../data/index.ts'
import type { MixingConfig } from '../experiment/index.ts'
import type { LayerSample } from '../graph/index.ts'
import type { Loss, Targets } from '../losses/shared/loss.ts'
import { makeTargets } from '../losses/shared/targets.ts'
import { metrics } from '../metrics/index.ts'
import { imageTensor, type InputScale } from '../evaluation/imageTensor.ts'
import { augmentBatch } from './batchAugment.ts'
import { clipEach, gradientNorm, normFactor, type ClipSetting } from './clip.ts'
import { createBuckets, type GradientBuckets } from './gradientBuckets.ts'
import type { Learner } from './learner.ts'
import { createMeasurements, type Measurements } from './measurements.ts'
import type { Collective } from './ports.ts'

export interface StepFigures {
  /** Of the batch, before the update; where ranks share it, of all of it. */
  readonly loss: number
  /** Fractions from 0 to 1, by the images' own labels where images are mixed. */
  readonly top1: number
  readonly top5: number
  /** Norm of all gradients before clipping; null where nobody asked. */
  readonly gradientNorm: number | null
  /** `loss`, or the parameter whose gradient is not finite; then nothing was changed. Null when all is well. */
  readonly nonFinite: string | null
  readonly times: StepTimes
}

/**
 * Where the time of a step went, in milliseconds. Of a device that computes on its own they are true where the step's figures are
 * asked for (`wantsNorm`), as it is waited for then; otherwise they say when it was told what to do.
 */
export interface StepTimes {
  readonly forwardMs: number
  /** With the means over ranks and the look at the gradients. */
  readonly backwardMs: number
  readonly updateMs: number
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
  readonly stepsPerEpoch: number
  readonly seed: number
  /** Parts that the batch is computed in. Default 1. */
  readonly accumulate?: number
  /** None when left out. */
  readonly clip?: ClipSetting
  /** None when left out. */
  readonly mixing?: MixingConfig
  /** Whether the norm of the gradients is asked for. */
  readonly wantsNorm?: boolean
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
  const { lossScale = 1, clip, step: at, stepsPerEpoch, learningRate } = setting
  const buckets = setting.collective ? createBuckets(setting.collective) : null
  const measurements = createMeasurements(learner.optimizer, setting)
  const times = { forwardMs: 0, backwardMs: 0, updateMs: 0 }
  try {
    const own = new Map<string, tf.Tensor>()
    const parts = passes(learner, batch, setting, { measurements, times }, (name, gradient) => {
      if (buckets) buckets.add(name, gradient)
      else own.set(name, gradient)
    })
    const passedAtMs = performance.now()
    const ownFigures = await figuresOf(parts, batch.labels, setting)
    const { gradients, figures } = buckets
      ? await averaged(buckets, ownFigures)
      : { gradients: own, figures: ownFigures }
    const { isFinite, norm } = await lookAt(gradients, clip?.mode === 'norm' || setting.wantsNorm === true)
    const updateFromMs = performance.now()
    times.backwardMs += updateFromMs - passedAtMs

    const isLossFinite = Number.isFinite(figures.loss)
    const isGood = isLossFinite && isFinite
    const nonFinite = isGood ? null : isLossFinite ? await firstNonFinite(gradients) : 'loss'
    const gradientScale = 1 / lossScale
    if (isGood) {
      const measured = await measurements.finish(setting.collective ?? null)
      const cut = clip?.mode === 'value' || clip?.mode === 'agc'
      const clipped = cut ? clipEach(gradients, parametersOf(learner), clip, lossScale) : gradients
      const factor = clip?.mode === 'norm' ? normFactor(norm! * gradientScale, clip.limit) : 1
      learner.update(
        clipped,
        { learningRate, step: at, stepsPerEpoch, gradientScale: gradientScale * factor },
        measured,
      )
    } else tf.dispose([...gradients.values()])
    times.updateMs = performance.now() - updateFromMs
    return { ...figures, gradientNorm: norm === null ? null : norm * gradientScale, nonFinite, times }
  } catch (thrown) {
    buckets?.abandon()
    throw thrown
  } finally {
    measurements.dispose()
  }
}

/** What one part of a batch gave: loss [] and logits [b,K]. */
interface PartResult {
  readonly loss: tf.Tensor
  readonly logits: tf.Tensor
}

/** What is noted on the way through the network. */
interface Noted {
  readonly measurements: Measurements
  readonly times: { forwardMs: number; backwardMs: number }
}

/**
 * Forward and backward over the batch, in as many parts as asked. Each gradient, the mean over the parts, is handed over in the pass
 * of the last one.
 */
function passes(
  learner: Learner,
  batch: Batch,
  setting: StepSetting,
  noted: Noted,
  onGradient: (name: string, gradient: tf.Tensor) => void,
): PartResult[] {
  const { accumulate = 1 } = setting
  const sums = new Map<string, tf.Tensor>()
  const results: PartResult[] = []
  try {
    for (let part = 0; part < accumulate; part++) {
      const isLast = part === accumulate - 1
      const take = (name: string, gradient: tf.Tensor): void => {
        const before = sums.get(name)
        const sum = before ? tf.keep(tf.add(before, gradient)) : gradient
        if (before) tf.dispose([before, gradient])
        sums.delete(name)
        if (isLast) onGradient(name, sum)
        else sums.set(name, sum)
      }
      results.push(pass(learner, partOf(batch, part, accumulate), part, setting, noted, take))
    }
    return results
  } catch (thrown) {
    tf.dispose(results.flatMap(({ loss, logits }) => [loss, logits]))
    throw thrown
  } finally {
    tf.dispose([...sums.values()])
  }
}

/** Forward and backward over one part. */
function pass(
  learner: Learner,
  batch: Batch,
  part: number,
  setting: StepSetting,
  { measurements, times }: Noted,
  onGradient: (name: string, gradient: tf.Tensor) => void,
): PartResult {
  const { lossScale = 1, accumulate = 1, mixing, step: at, stepsPerEpoch } = setting
  const { executor } = learner
  const startMs = performance.now()
  let forwardEndMs = startMs
  const seed = stepSeed(setting.seed, at * accumulate + part)
  const plain = imageTensor(batch, setting.input, executor.precision.storage) // [B,H,W,C]
  const epoch = at / stepsPerEpoch
  const { images, mixed } = mixing
    ? augmentBatch(plain, mixing, { seed, step: at, epoch, rank: setting.collective?.rank ?? 0 })
    : { images: plain, mixed: null }
  const targets = targetsOf(batch, setting.classCount, seed)
  const others = mixed && targetsOf(batch, setting.classCount, seed, mixed.permutation)
  const lossOf = (heads: Parameters<Loss['of']>[0]): tf.Scalar => {
    const own = setting.loss.of(heads, targets)
    if (!mixed || !others) return own
    // Every loss of class labels is linear in its targets: the loss of mixed targets is the mix of the losses.
    return tf.add(tf.mul(own, mixed.share), tf.mul(setting.loss.of(heads, others), 1 - mixed.share))
  }
  try {
    const { loss, outputs } = executor.train(
      images,
      heads => {
        const loss = lossOf(heads)
        if (setting.wantsNorm) waitFor(loss)
        forwardEndMs = performance.now()
        return loss
      },
      {
        seed,
        lossScale: lossScale / accumulate,
        onGradient: ({ name }, gradient) => onGradient(name, gradient),
        ...(measurements.isDue
          ? { onLayer: (layer: LayerSample) => measurements.add(layer, batch.count) }
          : {}),
      },
    )
    times.forwardMs += forwardEndMs - startMs
    times.backwardMs += performance.now() - forwardEndMs
    const { logits, ...rest } = outputs
    tf.dispose(rest)
    return { loss, logits: logits! }
  } finally {
    tf.dispose([images, targets.labels, ...(others ? [others.labels] : [])])
    if (!plain.isDisposed) plain.dispose()
  }
}

/** A GPU of libtorch computes on its own: to read a value is to wait for it. Other devices are waited for anyway, or cannot be so. */
function waitFor(value: tf.Tensor): void {
  const { device } = tf.backend() as { readonly device?: unknown }
  if (typeof device === 'string' && device.startsWith('cuda')) value.dataSync()
}

/** @param order of the images, where they take each other's labels */
function targetsOf(batch: Batch, classCount: number, seed: number, order?: Int32Array): Targets {
  const ordered = (values: Int32Array): Int32Array =>
    order ? Int32Array.from(order, index => values[index]!) : values
  return makeTargets({ labels: ordered(batch.labels), instances: ordered(batch.indices), classCount, seed })
}

/** One of the equal parts of a batch, in the same memory. */
function partOf(batch: Batch, part: number, count: number): Batch {
  if (count === 1) return batch
  const from = Math.floor((part * batch.count) / count)
  const to = Math.floor(((part + 1) * batch.count) / count)
  const imageBytes = batch.images.length / batch.count
  return {
    ...batch,
    count: to - from,
    images: batch.images.subarray(from * imageBytes, to * imageBytes),
    labels: batch.labels.subarray(from, to),
    indices: batch.indices.subarray(from, to),
  }
}

type Figures = Pick<StepFigures, 'loss' | 'top1' | 'top5'>

/** Loss and accuracy over the parts; disposes of them. */
async function figuresOf(
  parts: readonly PartResult[],
  labels: Int32Array,
  { classCount }: StepSetting,
): Promise<Figures> {
  const read = await Promise.all(
    parts.map(async part => {
      const values = await Promise.all([part.loss.data(), part.logits.data()])
      tf.dispose([part.loss, part.logits])
      return { loss: values[0][0]!, logits: values[1] as Float32Array }
    }),
  )
  const loss = read.reduce((sum, part) => sum + part.loss, 0) / read.length
  const logits = read.length === 1 ? read[0]!.logits : joined(read.map(part => part.logits))
  return { loss, ...accuracy(logits, labels, classCount) }
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const values of arrays) {
    all.set(values, at)
    at += values.length
  }
  return all
}

/** Gradients and figures as means over all ranks. The figures travel with the last bucket. */
async function averaged(
  buckets: GradientBuckets,
  { loss, top1, top5 }: Figures,
): Promise<{ readonly gradients: Map<string, tf.Tensor>; readonly figures: Figures }> {
  const key = ' figures' // no parameter's name begins like this
  buckets.add(key, tf.tensor1d([loss, top1, top5]))
  const gradients = await buckets.finish()
  const means = await readOnce(gradients.get(key)!)
  gradients.delete(key)
  return { gradients, figures: { loss: means[0]!, top1: means[1]!, top5: means[2]! } }
}

/** Whether all gradients are finite, and their norm, in one wait. */
async function lookAt(
  gradients: ReadonlyMap<string, tf.Tensor>,
  wantsNorm: boolean,
): Promise<{ readonly isFinite: boolean; readonly norm: number | null }> {
  const all = [...gradients.values()]
  const [finite, norm] = await Promise.all([
    readOnce(allFinite(all)),
    wantsNorm ? readOnce(gradientNorm(all)) : null,
  ])
  return { isFinite: Number.isFinite(finite[0]), norm: norm?.[0] ?? null }
}

function parametersOf({ executor, parameters }: Learner): Parameters<typeof clipEach>[1] {
  const infos = new Map(parameters.map(info => [info.name, info]))
  return name => ({ info: infos.get(name)!, value: executor.parameters.get(name) })
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
