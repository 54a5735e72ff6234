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
import { keepsActivations } from './shared/kernel.ts'
import { batchNorm as normalised, batchNormGradient, normalise } from './shared/normalise.ts'
import type { Op, RecomputePass } from './shared/op.ts'

export interface BatchNormAttributes {
  readonly epsilon: number
  /** Weight of the batch in the running statistics. */
  readonly momentum: number
  readonly gammaInitializer: Initializer
  /** False: there is no γ, as in slim's networks. Left out it is true. */
  readonly scale?: boolean
  /** Set by the executor's fusion. The addend is the second input. */
  readonly relu?: boolean
  readonly addend?: boolean
}

export const batchNorm: Op = {
  name: 'batch_norm',
  shape: ([input = []]) => [...input],
  state: (name, [input = []], attributes) => {
    const shape = [input.at(-1) ?? 0]
    const { gammaInitializer, scale = true } = attributes as unknown as BatchNormAttributes
    const gamma = { name: `${name}.weight`, shape, kind: 'gamma', initializer: gammaInitializer } as const
    return {
      parameters: [
        ...(scale ? [gamma] : []),
        { name: `${name}.bias`, shape, kind: 'beta', initializer: { kind: 'zeros' } },
      ],
      buffers: [
        { name: `${name}.running_mean`, shape, initializer: { kind: 'zeros' } },
        { name: `${name}.running_var`, shape, initializer: { kind: 'ones' } },
      ],
    }
  },
  macs: () => 0,
  forward: ({ node, mode, inputs, tensor, update, acrossRanks }) => {
    const [x, addend] = inputs as [Tensor, Tensor?]
    const training = mode === 'training'
    if (training && valuesPerChannel(x) < 2) throw tooFewValues(node)
    const { epsilon, momentum, relu = false } = attributesOf(node)
    const [runningMean, runningVariance] = [tensor('running_mean'), tensor('running_var')]
    const made = normalised(
      { x, gamma: gammaOf(node, tensor), beta: tensor('bias'), runningMean, runningVariance, addend },
      { epsilon, momentum, training, relu, ...(training && acrossRanks ? { acrossRanks } : {}) },
    )
    if (made.runningMean) update('running_mean', made.runningMean)
    if (made.runningVariance) update('running_var', made.runningVariance)
    return { output: made.y, saved: [made.mean, made.inverseStd] }
  },
  reads: node => ({
    inputs: [0],
    output: readsOutput(node),
    recomputable: !attributesOf(node).addend,
  }),
  recompute: pass => {
    const { relu = false } = attributesOf(pass.node)
    return normalise({ x: pass.input(0), ...affineOf(pass) }, relu)
  },
  backward: pass => {
    const { relu = false, addend = false } = attributesOf(pass.node)
    const y = readsOutput(pass.node) ? pass.output() : undefined
    const { dx, dgamma, dbeta, daddend } = batchNormGradient(
      { dy: pass.dy, x: pass.input(0), ...affineOf(pass), y },
      {
        ...{ relu, addend, frozen: pass.mode === 'frozen' },
        ...(pass.mode === 'training' && pass.acrossRanks ? { acrossRanks: pass.acrossRanks } : {}),
      },
    )
    const parameters: Record<string, Tensor> = { bias: dbeta }
    if (hasGamma(pass.node)) parameters['weight'] = dgamma
    return { inputs: addend ? [dx, daddend ?? null] : [dx], parameters }
  },
}

function hasGamma(node: GraphNode): boolean {
  return attributesOf(node).scale !== false
}

/** γ, or ones where the layer has none. */
export function gammaOf(node: GraphNode, tensor: (suffix: string) => Tensor): Tensor {
  return hasGamma(node) ? tensor('weight') : tf.onesLike(tensor('bias'))
}

function attributesOf(node: GraphNode): BatchNormAttributes {
  return node.attributes as unknown as BatchNormAttributes
}

/** Whether the gradient of the ReLU is read off its output. Where values are kept, computing its sign from the input costs less. */
function readsOutput(node: GraphNode): boolean {
  const { relu, addend } = attributesOf(node)
  return relu === true && (addend === true || !keepsActivations())
}

/** What x was normalised with. */
function affineOf({ node, tensor, saved }: Pick<RecomputePass, 'node' | 'tensor' | 'saved'>): {
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
} {
  const [mean, inverseStd] = saved as readonly [Tensor, Tensor]
  return { gamma: gammaOf(node, tensor), beta: tensor('bias'), mean, inverseStd }
}

function tooFewValues(node: GraphNode): AppError {
  const shape = node.shape.length === 3 ? `${node.shape[0]} x ${node.shape[1]}` : '1'
  const message = `${node.name}: batch norm in training needs more than one value per channel, got a batch of 1 with ${shape} pixels. Raise training.batchSize or input.size`
  return new AppError('invalid-config', message, { field: 'training.batchSize', node: node.name })
}
