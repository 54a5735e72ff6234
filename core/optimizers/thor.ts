/**
 * THOR: SGD with momentum on gradients that are corrected by the curvature of each layer, which is measured every so many steps.
 *
 * For a layer of weights W [out, in·kh·kw], inputs a and per-image output gradients δ at T positions: A = mean aaᵀ and G = mean δδᵀ over
 * images and positions of one batch, in blocks of 128 along the diagonal, and ∇W ← (1/T)·(G + √(λ/T)·I)⁻¹·∇W·(A + √(λ/T)·I)⁻¹. Then
 * decay·W is added, and momentum follows. Everything else (batch norm, biases) takes its plain gradient.
 *
 * @source Chen et al. 2021, THOR, Trace-based Hardware-driven Layer-Oriented Natural Gradient Descent Computation; MindSpore
 * nn/optim/thor.py (the Ascend form, in float32).
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { LayerSample, ParameterInfo } from '../graph/index.ts'
import { entry } from '../registry/registry.ts'
import { betweenBlocks, blocksOf, momentBlocks, type Blocks } from './shared/blocks.ts'
import { decayLoss, decayOf, decayOptions } from './shared/decay.ts'
import { descend } from './shared/descend.ts'
import { alike, type Optimizer, type ParameterUpdate, type Slot } from './shared/optimizer.ts'
import type { UpdatedParameter, UpdateSetting } from './shared/optimizer.ts'
import { asMatrix, fromMatrix, gradientRows, inputRows } from './shared/patches.ts'

const Options = z.strictObject({
  momentum: z.number().min(0).lt(1).default(0.9).meta({
    title: 'Momentum',
    description: 'Share of the previous direction that each step keeps.',
  }),
  nesterov: z.boolean().default(false).meta({
    title: 'Nesterov momentum',
    description: 'Look ahead along the momentum before stepping.',
  }),
  dampingInit: z.number().gt(0).max(100).default(0.03).meta({
    title: 'Damping',
    description: 'How much of the plain gradient stays at the start: λ = damping·decay^(epoch/10).',
  }),
  dampingDecay: z.number().gt(0).max(1).default(0.50036).meta({
    title: 'Damping decay',
    description: 'What the damping is multiplied by over ten epochs.',
  }),
  frequency: z.int().min(1).max(100_000).default(834).meta({
    title: 'Measure every',
    description: 'Steps from one measurement of the curvature to the next; the first step measures.',
    unit: 'steps',
  }),
  clipNorm: z.number().min(0).max(1e6).default(0).meta({
    title: 'Clip each gradient',
    description:
      'Longest corrected gradient of one tensor, with its decay; 0 for no limit. MindSpore’s option has 1.',
  }),
  ...decayOptions(5e-4),
})

export const thor = entry({
  name: 'thor',
  title: 'THOR',
  summary:
    'SGD with momentum on (1/T)·G⁻¹·∇W·A⁻¹, with the curvature of each layer measured every so many steps.',
  source:
    'Chen et al. 2021, THOR; MindSpore nn/optim/thor.py; Martens and Grosse 2015 and Grosse and Martens 2016 for K-FAC',
  options: Options.refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
    path: ['nesterov'],
    message: 'expected false, as momentum is 0. Nesterov momentum needs momentum above 0, such as 0.9',
  }),
  create: (options): Optimizer => ({
    slots: info => ({ ...(options.momentum > 0 ? { momentum: alike(info) } : {}), ...factorSlots(info) }),
    curvature: {
      isDue: step => step % options.frequency === 0,
      measure: (layer, { step, stepsPerEpoch, batchSize }) =>
        factors(layer, batchSize, dampingAt(options, (step + 1) / stepsPerEpoch)),
    },
    update: (parameters, setting) => update(options, parameters, setting),
    decayLoss: parameters => decayLoss(options, parameters),
  }),
})

/** λ after so many epochs. */
export function dampingAt(
  { dampingInit, dampingDecay }: Pick<z.output<typeof Options>, 'dampingInit' | 'dampingDecay'>,
  epoch: number,
): number {
  return dampingInit * dampingDecay ** (epoch / 10)
}

function update(
  options: z.output<typeof Options>,
  parameters: readonly ParameterUpdate[],
  { learningRate, gradientScale }: UpdateSetting,
): UpdatedParameter[] {
  const { momentum, nesterov, clipNorm } = options
  const decays = parameters.map(each => decayOf(options, each))
  const corrected = parameters.map((parameter, at): ParameterUpdate => {
    const { info, value, gradient, state } = parameter
    const directed = tf.tidy(() => {
      const plain = tf.mul(gradient, gradientScale)
      const g = isLayer(info) ? correctedGradient(plain, state) : plain
      return clipNorm > 0 ? clipped(tf.add(g, tf.mul(value, decays[at]!)), clipNorm) : g
    })
    return { ...parameter, gradient: directed }
  })
  try {
    // What is clipped has its decay in it.
    const weightDecays = clipNorm > 0 ? decays.map(() => 0) : decays
    return descend(corrected, { learningRate, momentum, nesterov, gradientScale: 1, weightDecays })
  } finally {
    tf.dispose(corrected.map(({ gradient }) => gradient))
  }
}

/** Whether a parameter is the weight of a convolution or dense layer. */
function isLayer({ kind, shape }: ParameterInfo): boolean {
  return kind === 'weight' && (shape.length === 4 || shape.length === 2)
}

/** (A + √(λ/T)·I)⁻¹/T and (G + √(λ/T)·I)⁻¹. */
function factorSlots(info: ParameterInfo): Record<string, Slot> {
  if (!isLayer(info)) return {}
  const outputs = info.shape.at(-1)!
  const inputs = info.shape.slice(0, -1).reduce((product, side) => product * side, 1)
  const slot = ({ count, side }: Blocks): Slot => ({ shape: [count, side, side], fill: 'zeros' })
  return { inputInverse: slot(blocksOf(inputs)), outputInverse: slot(blocksOf(outputs)) }
}

function factors(layer: LayerSample, batchSize: number, damping: number): Record<string, Tensor> {
  const { dy, lossScale } = layer
  const positions = dy.rank === 4 ? dy.shape[1]! * dy.shape[2]! : 1
  const added = Math.sqrt(damping / positions)
  // The loss is a mean: the gradient of one image's own loss is so many times as large.
  const perImage = gradientRows(layer, batchSize / lossScale)
  return {
    inputInverse: tf.mul(inverse(momentBlocks(inputRows(layer), added)), 1 / positions),
    outputInverse: inverse(momentBlocks(perImage, added)),
  }
}

function inverse(blocks: Tensor): Tensor {
  return tf.engine().runKernel('SymmetricInverse', { x: blocks })
}

/** The plain gradient as long as nothing was measured: the step that should have may have been left out as its gradients overflowed. */
function correctedGradient(
  gradient: Tensor,
  { inputInverse, outputInverse }: ParameterUpdate['state'],
): Tensor {
  const matrix = asMatrix(gradient) as Tensor2D // [out, in·kh·kw]
  const corrected = fromMatrix(betweenBlocks(outputInverse!, matrix, inputInverse!), gradient.shape)
  const isMeasured = tf.step(tf.slice(outputInverse!, [0, 0, 0], [1, 1, 1])) // [1,1,1]
  const plainShare = tf.reshape(tf.sub(1, isMeasured), [])
  return tf.add(corrected, tf.mul(gradient, plainShare))
}

function clipped(g: Tensor, most: number): Tensor {
  const norm = tf.sqrt(tf.sum(tf.square(g)))
  return tf.mul(g, tf.minimum(tf.div(most, tf.add(norm, 1e-12)), 1))
}
