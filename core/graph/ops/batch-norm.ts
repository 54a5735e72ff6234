/**
 * Batch normalisation over all but the channels, with two optional tails that the executor fuses into it: the addition of a
 * shortcut and a ReLU. Kept for backward are the input and two vectors; the output is made again where it is asked for.
 *
 * @source Ioffe and Szegedy 2015; conventions of torch.nn.BatchNorm2d (eps 1e-5, momentum 0.1, unbiased running variance).
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import type { GraphNode, Initializer } from '../types.ts'
import { valuesPerChannel } from './shared/channels.ts'
import { batchNormGradient, channelMoments, scaleShift } from './shared/normalise.ts'
import type { ForwardPass, Op } from './shared/op.ts'

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
    const statistics = pass.mode === 'training' ? batchStatistics(pass, x) : runningStatistics(pass)
    return { output: normalise(pass, x, statistics, pass.inputs[1]), saved: statistics }
  },
  reads: node => ({
    inputs: [0],
    output: attributesOf(node).relu === true,
    recomputable: !attributesOf(node).addend,
  }),
  recompute: pass => normalise(pass, pass.input(0), pass.saved as readonly [Tensor, Tensor]),
  backward: pass => {
    const { relu = false, addend = false } = attributesOf(pass.node)
    const [mean, inverseStd] = pass.saved as readonly [Tensor, Tensor]
    const gamma = pass.tensor('weight')
    const y = relu ? pass.output() : undefined
    const { dx, dgamma, dbeta, daddend } = batchNormGradient(
      { dy: pass.dy, x: pass.input(0), gamma, mean, inverseStd, y },
      { addend, frozen: pass.mode === 'frozen' },
    )
    return { inputs: addend ? [dx, daddend ?? null] : [dx], parameters: { weight: dgamma, bias: dbeta } }
  },
}

function attributesOf(node: GraphNode): BatchNormAttributes {
  return node.attributes as unknown as BatchNormAttributes
}

/** Mean and 1/σ of the batch; moves the running statistics. */
function batchStatistics(pass: ForwardPass, x: Tensor): [Tensor, Tensor] {
  const count = valuesPerChannel(x)
  if (count < 2) throw tooFewValues(pass.node)
  const { epsilon, momentum } = attributesOf(pass.node)
  const [mean, variance] = channelMoments(x) // [C], [C]
  const unbiased = tf.mul(variance, count / (count - 1))
  pass.update('running_mean', blend(pass.tensor('running_mean'), mean, momentum))
  pass.update('running_var', blend(pass.tensor('running_var'), unbiased, momentum))
  return [mean, inverseSquareRoot(variance, epsilon)]
}

function runningStatistics({ node, tensor }: ForwardPass): [Tensor, Tensor] {
  return [
    tf.clone(tensor('running_mean')),
    inverseSquareRoot(tensor('running_var'), attributesOf(node).epsilon),
  ]
}

function inverseSquareRoot(variance: Tensor, epsilon: number): Tensor {
  return tf.div(1, tf.sqrt(tf.add(variance, epsilon)))
}

function blend(old: Tensor, fresh: Tensor, momentum: number): Tensor {
  return tf.add(tf.mul(old, 1 - momentum), tf.mul(fresh, momentum))
}

/** (x − mean)·γ/σ + β, and the tail. */
function normalise(
  { node, tensor }: Pick<ForwardPass, 'node' | 'tensor'>,
  x: Tensor,
  [mean, inverseStd]: readonly [Tensor, Tensor],
  addend?: Tensor,
): Tensor {
  const scale = tf.mul(tensor('weight'), inverseStd) // [C]
  const shift = tf.sub(tensor('bias'), tf.mul(mean, scale)) // [C]
  return scaleShift(x, scale, shift, { relu: attributesOf(node).relu === true, addend })
}

function tooFewValues(node: GraphNode): AppError {
  const shape = node.shape.length === 3 ? `${node.shape[0]} x ${node.shape[1]}` : '1'
  const message = `${node.name}: batch norm in training needs more than one value per channel, got a batch of 1 with ${shape} pixels. Raise training.batchSize or input.size`
  return new AppError('invalid-config', message, { field: 'training.batchSize', node: node.name })
}
