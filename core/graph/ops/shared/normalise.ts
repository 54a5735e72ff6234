/**
 * The parts of batch norm: each runs as one fused kernel where the backend has it (core/backend/README.md states them), and
 * otherwise as the composition of plain tfjs operations written here.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { centreChannels, channelMean, scaleAndShift, scaleChannels, valuesPerChannel } from './channels.ts'
import { hasKernel, runKernel, runKernelMany } from './kernel.ts'
import type { AcrossRanks } from './op.ts'

export interface Tail {
  readonly relu: boolean
  readonly addend?: Tensor | undefined
}

/** What x is normalised with, [C] each. */
export interface Affine {
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
}

export interface NormInputs {
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly runningMean: Tensor
  readonly runningVariance: Tensor
  readonly addend?: Tensor | undefined
}

export interface NormOptions {
  readonly epsilon: number
  /** Weight of the batch in the running statistics. */
  readonly momentum: number
  /** Statistics of the batch; otherwise the running ones. */
  readonly training: boolean
  readonly relu: boolean
  /** Makes the statistics those of all ranks. */
  readonly acrossRanks?: AcrossRanks
}

export interface Normalised {
  readonly y: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
  /** What they become; only in training. */
  readonly runningMean?: Tensor | undefined
  readonly runningVariance?: Tensor | undefined
}

export interface NormGradInputs {
  /** Gradient of what came out behind addition and ReLU. */
  readonly dy: Tensor
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
  /** What came out, when there was a ReLU; without it, its sign is computed again from x. Needed with an addend. */
  readonly y?: Tensor | undefined
}

export interface NormGradOptions {
  readonly relu: boolean
  readonly addend: boolean
  /** The statistics did not depend on x. */
  readonly frozen: boolean
  readonly acrossRanks?: AcrossRanks
}

export interface NormGradients {
  readonly dx: Tensor
  readonly dgamma: Tensor
  readonly dbeta: Tensor
  readonly daddend?: Tensor | undefined
}

/** Batch norm, then + addend, then ReLU. */
export function batchNorm(inputs: NormInputs, options: NormOptions): Normalised {
  if (hasKernel('BatchNorm') && !options.acrossRanks) {
    const [y, mean, inverseStd, runningMean, runningVariance] = runKernelMany(
      'BatchNorm',
      { ...inputs },
      options,
    )
    return { y: y!, mean: mean!, inverseStd: inverseStd!, runningMean, runningVariance }
  }
  const { x, runningMean, runningVariance, addend } = inputs
  const { epsilon, momentum, training, relu, acrossRanks } = options
  const [mean, variance] = training ? moments(x, acrossRanks) : [tf.clone(runningMean), runningVariance]
  const inverseStd = tf.div<Tensor>(1, tf.sqrt(tf.add(variance, epsilon))) // [C]
  const y = normalise({ ...inputs, mean, inverseStd }, relu, addend)
  if (!training) return { y, mean, inverseStd }
  const count = valuesPerChannel(x) * (acrossRanks?.world ?? 1)
  const blend = (old: Tensor, fresh: Tensor): Tensor =>
    tf.add(tf.mul(old, 1 - momentum), tf.mul(fresh, momentum))
  return {
    y,
    mean,
    inverseStd,
    runningMean: blend(runningMean, mean),
    runningVariance: blend(runningVariance, tf.mul(variance, count / (count - 1))),
  }
}

/** (x − mean)·γ/σ + β, and the tail, from given statistics. */
export function normalise(
  { x, gamma, beta, mean, inverseStd }: Affine,
  relu: boolean,
  addend?: Tensor,
): Tensor {
  const scale = tf.mul(gamma, inverseStd) // [C]
  const shift = tf.sub(beta, tf.mul(mean, scale)) // [C]
  return scaleShift(x, scale, shift, { relu, addend })
}

/** Mean and biased variance of every channel, [C] each, in two passes over the data. */
export function channelMoments(x: Tensor): [Tensor, Tensor] {
  if (hasKernel('ChannelMoments')) return runKernelMany('ChannelMoments', { x }) as [Tensor, Tensor]
  const mean = channelMean(x)
  return [mean, tf.tidy(() => channelMean(tf.square(centreChannels(x, mean))))]
}

/** As `channelMoments`, of the images of all ranks where they share them. */
function moments(x: Tensor, acrossRanks: AcrossRanks | undefined): [Tensor, Tensor] {
  const [ownMean, ownVariance] = channelMoments(x)
  if (!acrossRanks) return [ownMean, ownVariance]
  const mean = acrossRanks.meanNow(ownMean)
  // The variance of equal parts together: the mean of theirs, and that of their means.
  return [mean, acrossRanks.meanNow(tf.add(ownVariance, tf.square(tf.sub(ownMean, mean))))]
}

/** x·scale + shift per channel, then + addend, then ReLU. */
export function scaleShift(x: Tensor, scale: Tensor, shift: Tensor, { relu, addend }: Tail): Tensor {
  if (hasKernel('ScaleShift')) return runKernel('ScaleShift', { x, scale, shift, addend }, { relu })
  return tf.tidy(() => {
    let y = scaleAndShift(x, scale, shift)
    if (addend) y = replace(y, tf.add(y, addend))
    return relu ? replace(y, tf.relu(y)) : y
  })
}

/** dy where the ReLU's output is above zero. */
export function reluGradient(dy: Tensor, y: Tensor): Tensor {
  if (hasKernel('ReluGrad')) return runKernel('ReluGrad', { dy, y })
  return tf.tidy(() => tf.mul(dy, tf.step(y)))
}

/** Gradients through batch norm and its tail (Ioffe and Szegedy 2015, section 3). */
export function batchNormGradient(inputs: NormGradInputs, options: NormGradOptions): NormGradients {
  if (hasKernel('FusedBatchNormGrad') && !options.acrossRanks) {
    const [dx, dgamma, dbeta, daddend] = runKernelMany('FusedBatchNormGrad', { ...inputs }, options)
    return { dx: dx!, dgamma: dgamma!, dbeta: dbeta!, daddend }
  }
  const dz = options.relu ? reluGradient(inputs.dy, inputs.y ?? normalise(inputs, true)) : inputs.dy
  const gradients = options.frozen
    ? throughConstants(inputs, dz)
    : throughStatistics(inputs, dz, options.acrossRanks)
  return options.addend ? { ...gradients, daddend: tf.clone(dz) } : gradients
}

/** dx = γ/σ · (dz − mean(dz) − (x − mean)/σ² · mean(dz·(x − mean))). */
function throughStatistics(
  { x, gamma, mean, inverseStd }: NormGradInputs,
  dz: Tensor,
  acrossRanks?: AcrossRanks,
): NormGradients {
  const count = valuesPerChannel(x)
  const centred = centreChannels(x, mean)
  const ownMeanOfDz = channelMean(dz) // [C]
  const ownMeanOfProduct = tf.tidy(() => channelMean(tf.mul(dz, centred))) // [C]
  const shared = (own: Tensor): Tensor => acrossRanks?.meanNow(own) ?? own
  const [meanOfDz, meanOfProduct] = [shared(ownMeanOfDz), shared(ownMeanOfProduct)]
  const projected = replace(centred, scaleChannels(centred, tf.mul(meanOfProduct, tf.square(inverseStd))))
  const remainder = replace(projected, tf.sub(dz, projected))
  const scale = tf.mul(gamma, inverseStd)
  return {
    dx: replace(remainder, scaleAndShift(remainder, scale, tf.neg(tf.mul(meanOfDz, scale)))),
    // Of this rank's images: the gradients of parameters are averaged later.
    dgamma: tf.mul(tf.mul(ownMeanOfProduct, inverseStd), count),
    dbeta: tf.mul(ownMeanOfDz, count),
  }
}

function throughConstants({ x, gamma, mean, inverseStd }: NormGradInputs, dz: Tensor): NormGradients {
  const count = valuesPerChannel(x)
  const meanOfProduct = tf.tidy(() => channelMean(tf.mul(dz, centreChannels(x, mean)))) // [C]
  return {
    dx: scaleChannels(dz, tf.mul(gamma, inverseStd)),
    dgamma: tf.mul(tf.mul(meanOfProduct, inverseStd), count),
    dbeta: tf.mul(channelMean(dz), count),
  }
}

/** Frees a large stage as soon as the next one exists. */
function replace<T extends Tensor>(old: Tensor, next: T): T {
  old.dispose()
  return next
}
