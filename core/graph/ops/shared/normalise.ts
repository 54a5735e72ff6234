/**
 * The parts of batch norm: each runs as one fused kernel where the backend has it (core/backend/README.md states them), and
 * otherwise as the composition of plain tfjs operations written here.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { centreChannels, channelMean, scaleAndShift, scaleChannels, valuesPerChannel } from './channels.ts'
import { hasKernel, runKernel, runKernelMany } from './kernel.ts'

export interface Tail {
  readonly relu: boolean
  readonly addend?: Tensor | undefined
}

export interface NormGradInputs {
  /** Gradient of what came out behind addition and ReLU. */
  readonly dy: Tensor
  readonly x: Tensor
  readonly gamma: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
  /** What came out, when there was a ReLU. */
  readonly y?: Tensor | undefined
}

export interface NormGradOptions {
  readonly addend: boolean
  /** The statistics did not depend on x. */
  readonly frozen: boolean
}

export interface NormGradients {
  readonly dx: Tensor
  readonly dgamma: Tensor
  readonly dbeta: Tensor
  readonly daddend?: Tensor | undefined
}

/** Mean and biased variance of every channel, [C] each, in two passes over the data. */
export function channelMoments(x: Tensor): [Tensor, Tensor] {
  if (hasKernel('ChannelMoments')) return runKernelMany('ChannelMoments', { x }) as [Tensor, Tensor]
  const mean = channelMean(x)
  return [mean, tf.tidy(() => channelMean(tf.square(centreChannels(x, mean))))]
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
  if (hasKernel('FusedBatchNormGrad')) {
    const attributes = { relu: inputs.y !== undefined, ...options }
    const [dx, dgamma, dbeta, daddend] = runKernelMany('FusedBatchNormGrad', { ...inputs }, attributes)
    return { dx: dx!, dgamma: dgamma!, dbeta: dbeta!, daddend }
  }
  const dz = inputs.y ? reluGradient(inputs.dy, inputs.y) : inputs.dy
  const gradients = options.frozen ? throughConstants(inputs, dz) : throughStatistics(inputs, dz)
  return options.addend ? { ...gradients, daddend: tf.clone(dz) } : gradients
}

/** dx = γ/σ · (dz − mean(dz) − (x − mean)/σ² · mean(dz·(x − mean))). */
function throughStatistics({ x, gamma, mean, inverseStd }: NormGradInputs, dz: Tensor): NormGradients {
  const count = valuesPerChannel(x)
  const centred = centreChannels(x, mean)
  const meanOfDz = channelMean(dz) // [C]
  const meanOfProduct = tf.tidy(() => channelMean(tf.mul(dz, centred))) // [C]
  const projected = replace(centred, scaleChannels(centred, tf.mul(meanOfProduct, tf.square(inverseStd))))
  const remainder = replace(projected, tf.sub(dz, projected))
  const scale = tf.mul(gamma, inverseStd)
  return {
    dx: replace(remainder, scaleAndShift(remainder, scale, tf.neg(tf.mul(meanOfDz, scale)))),
    dgamma: tf.mul(tf.mul(meanOfProduct, inverseStd), count),
    dbeta: tf.mul(meanOfDz, count),
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
