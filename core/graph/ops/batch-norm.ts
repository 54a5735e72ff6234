/**
 * Batch normalisation over all but the channels, with two optional tails that the executor fuses into it: the addition of a
 * shortcut and a ReLU. Kept for backward are the input and two vectors; the output is made again where it is asked for.
 *
 * @source Ioffe and Szegedy 2015; conventions of torch.nn.BatchNorm2d (eps 1e-5, momentum 0.1, unbiased running variance).
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import type { GraphNode, Initializer } from '../types.ts'
import {
  centreChannels,
  channelMean,
  scaleAndShift,
  scaleChannels,
  valuesPerChannel,
} from './shared/channels.ts'
import type { BackwardPass, BackwardResult, ForwardPass, Op } from './shared/op.ts'
import { reluGradient } from './relu.ts'

export interface BatchNormAttributes {
  readonly epsilon: number
  /** Weight of the batch in the running statistics. */
  readonly momentum: number
  readonly gammaInitializer: Initializer
  /** Set by the executor's fusion. The addend is the second input. */
  readonly relu?: boolean
  readonly addend?: boolean
}

export const batchNorm: Op = {
  name: 'batch_norm',
  shape: ([input = []]) => [...input],
  state: (name, [input = []], attributes) => {
    const shape = [input.at(-1) ?? 0]
    const { gammaInitializer } = attributes as unknown as BatchNormAttributes
    return {
      parameters: [
        { name: `${name}.weight`, shape, kind: 'gamma', initializer: gammaInitializer },
        { name: `${name}.bias`, shape, kind: 'beta', initializer: { kind: 'zeros' } },
      ],
      buffers: [
        { name: `${name}.running_mean`, shape, initializer: { kind: 'zeros' } },
        { name: `${name}.running_var`, shape, initializer: { kind: 'ones' } },
      ],
    }
  },
  macs: () => 0,
  forward: pass => {
    const x = pass.inputs[0]!
    const [mean, inverseStd] = pass.mode === 'training' ? batchStatistics(pass, x) : runningStatistics(pass)
    const output = normalise(pass, x, mean, inverseStd, pass.inputs[1])
    return { output, saved: [mean, inverseStd] }
  },
  reads: node => ({
    inputs: [0],
    output: attributesOf(node).relu === true,
    recomputable: !attributesOf(node).addend,
  }),
  recompute: pass => normalise(pass, pass.input(0), pass.saved[0]!, pass.saved[1]!, undefined),
  backward: pass => {
    const dz = attributesOf(pass.node).relu ? reluGradient(pass.dy, pass.output()) : pass.dy
    const { inputs, parameters } =
      pass.mode === 'training' ? batchGradient(pass, dz) : frozenGradient(pass, dz)
    if (!attributesOf(pass.node).addend) return { inputs, parameters: parameters! }
    return { inputs: [...inputs, pass.wants(1) ? tf.clone(dz) : null], parameters: parameters! }
  },
}

function attributesOf(node: GraphNode): BatchNormAttributes {
  return node.attributes as unknown as BatchNormAttributes
}

/** Mean and 1/σ of the batch, in two passes over the data; moves the running statistics. */
function batchStatistics(pass: ForwardPass, x: Tensor): [Tensor1D, Tensor1D] {
  const count = valuesPerChannel(x)
  if (count < 2) throw tooFewValues(pass.node)
  const { epsilon, momentum } = attributesOf(pass.node)
  const mean = channelMean(x) // [C]
  const variance = tf.tidy(() => channelMean(tf.square(centreChannels(x, mean)))) // [C]
  const unbiased = tf.mul(variance, count / (count - 1))
  pass.update('running_mean', blend(pass.tensor('running_mean'), mean, momentum))
  pass.update('running_var', blend(pass.tensor('running_var'), unbiased, momentum))
  return [mean, inverseSquareRoot(variance, epsilon)]
}

function runningStatistics({ node, tensor }: ForwardPass): [Tensor1D, Tensor1D] {
  return [
    tf.clone(tensor('running_mean') as Tensor1D),
    inverseSquareRoot(tensor('running_var'), attributesOf(node).epsilon),
  ]
}

function inverseSquareRoot(variance: Tensor, epsilon: number): Tensor1D {
  return tf.div(1, tf.sqrt(tf.add(variance, epsilon)))
}

function blend(old: Tensor, fresh: Tensor, momentum: number): Tensor {
  return tf.add(tf.mul(old, 1 - momentum), tf.mul(fresh, momentum))
}

/** ((x − mean)·γ/σ + β [+ addend]), then ReLU if asked; frees each stage before the next but one. */
function normalise(
  { node, tensor }: Pick<ForwardPass, 'node' | 'tensor'>,
  x: Tensor,
  mean: Tensor,
  inverseStd: Tensor,
  addend: Tensor | undefined,
): Tensor {
  return tf.tidy(() => {
    const scale = tf.mul(tensor('weight'), inverseStd) // [C]
    const shift = tf.sub(tensor('bias'), tf.mul(mean, scale)) // [C]
    let y = scaleAndShift(x, scale, shift)
    if (addend) y = replace(y, tf.add(y, addend))
    return attributesOf(node).relu ? replace(y, tf.relu(y)) : y
  })
}

/** Gradient through the batch's own statistics (Ioffe and Szegedy, section 3). */
function batchGradient(pass: BackwardPass, dz: Tensor): BackwardResult {
  const [mean, inverseStd] = pass.saved as readonly [Tensor, Tensor]
  const x = pass.input(0)
  const count = valuesPerChannel(x)
  const centred = centreChannels(x, mean) // x − mean
  const meanOfDz = channelMean(dz) // [C]
  const meanOfProduct = tf.tidy(() => channelMean(tf.mul(dz, centred))) // [C]
  const parameters = {
    weight: tf.mul(tf.mul(meanOfProduct, inverseStd), count),
    bias: tf.mul(meanOfDz, count),
  }
  if (!pass.wants(0)) return { inputs: [null], parameters }
  // dx = γ/σ · (dz − mean(dz) − (x − mean)/σ² · mean(dz·(x − mean)))
  const slope = tf.mul(meanOfProduct, tf.square(inverseStd))
  const projected = replace(centred, scaleChannels(centred, slope))
  const remainder = replace(projected, tf.sub(dz, projected))
  const scale = tf.mul(pass.tensor('weight'), inverseStd)
  const dx = replace(remainder, scaleAndShift(remainder, scale, tf.neg(tf.mul(meanOfDz, scale))))
  return { inputs: [dx], parameters }
}

/** Gradient with constant statistics. */
function frozenGradient(pass: BackwardPass, dz: Tensor): BackwardResult {
  const [mean, inverseStd] = pass.saved as readonly [Tensor, Tensor]
  const x = pass.input(0)
  const count = valuesPerChannel(x)
  const meanOfProduct = tf.tidy(() => channelMean(tf.mul(dz, centreChannels(x, mean)))) // [C]
  const parameters = {
    weight: tf.mul(tf.mul(meanOfProduct, inverseStd), count),
    bias: tf.mul(channelMean(dz), count),
  }
  const dx = pass.wants(0) ? scaleChannels(dz, tf.mul(pass.tensor('weight'), inverseStd)) : null
  return { inputs: [dx], parameters }
}

/** Frees a large stage as soon as the next one exists. */
function replace<T extends Tensor>(old: Tensor, next: T): T {
  old.dispose()
  return next
}

function tooFewValues(node: GraphNode): AppError {
  const shape = node.shape.length === 3 ? `${node.shape[0]} x ${node.shape[1]}` : '1'
  const message = `${node.name}: batch norm in training needs more than one value per channel, got a batch of 1 with ${shape} pixels. Raise training.batchSize or input.size`
  return new AppError('invalid-config', message, { field: 'training.batchSize', node: node.name })
}
