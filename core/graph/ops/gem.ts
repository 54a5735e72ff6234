/**
 * Generalised-mean pooling, [H, W, C] to [C]: (mean of max(x, 1e-6)^p)^(1/p). p = 1 is the mean and p = ∞ the maximum, both without the
 * floor. p is fixed, or a parameter of the network.
 *
 * @source Radenović et al. 2018, Fine-tuning CNN Image Retrieval with No Human Annotation; Berman et al. 2019, MultiGrain, §3.2.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { globalAvgPool } from './global-avg-pool.ts'
import { hasKernel, runKernel, runKernelMany } from './shared/kernel.ts'
import type { BackwardPass, BackwardResult, Op } from './shared/op.ts'

export interface GemAttributes {
  /** Above 0; the first value where it is learned. */
  readonly p: number
  readonly isLearned: boolean
}

const floor = 1e-6

export const gem: Op = {
  name: 'gem',
  shape: ([image = []], attributes, fail) => {
    const { p, isLearned } = attributes as unknown as GemAttributes
    if (image.length !== 3) fail(`expected an input [H, W, C], got [${image.join(', ')}]`)
    if (!(p > 0)) fail(`p: expected a number above 0, got ${p}; 1 is the mean, Infinity the maximum`)
    if (isLearned && p === Infinity) fail('p: expected a finite number where it is learned, got Infinity')
    return [image[2] ?? 0]
  },
  state: (name, _inputs, attributes) => {
    const { p, isLearned } = attributes as unknown as GemAttributes
    const initializer = { kind: 'constant', value: p } as const
    const power = { name: `${name}.p`, shape: [1], kind: 'scalar', initializer, decays: false } as const
    return { parameters: isLearned ? [power] : [], buffers: [] }
  },
  macs: () => 0,
  forward: pass => {
    const { p, isLearned } = attributesOf(pass.node)
    const x = pass.inputs[0] as Tensor4D
    if (isLearned) return { output: pooled(x, pass.tensor('p')) }
    if (p === 1) return globalAvgPool.forward(pass)
    if (p === Infinity) return { output: tf.max(x, [1, 2]) }
    if (hasKernel('GemPool')) return { output: runKernel('GemPool', { x }, { p, floor }) }
    return { output: pooled(x, tf.tensor1d([p])) }
  },
  reads: node => {
    const { p, isLearned } = attributesOf(node)
    const isMean = p === 1 && !isLearned
    return { inputs: isMean ? [] : [0], output: !isMean }
  },
  backward: pass => {
    const { p, isLearned } = attributesOf(pass.node)
    if (isLearned) return throughPower(pass, pass.tensor('p'), pass.wantsParameters)
    if (p === 1) return globalAvgPool.backward(pass)
    if (p === Infinity) return throughMaximum(pass)
    if (!hasKernel('GemPoolGrad')) return throughPower(pass, tf.tensor1d([p]), false)
    const inputs = { dy: pass.dy, x: pass.input(0), y: pass.output() }
    const [dx] = runKernelMany('GemPoolGrad', inputs, { p, floor, ofPower: false })
    return { inputs: [dx!] }
  },
}

function attributesOf(node: GraphNode): GemAttributes {
  return node.attributes as unknown as GemAttributes
}

/** @param p [1] */
function pooled(x: Tensor4D, p: Tensor): Tensor {
  return tf.pow(tf.mean(tf.pow(tf.maximum(x, floor), p), [1, 2]), tf.div(1, p)) // [B,C]
}

/**
 * dx = dy·y^(1−p)·x^(p−1)/n where x is not below the floor, and dp = Σ dy·y·(Σ x^p·ln x / (p·Σ x^p) − ln(y)/p).
 * @param p [1]
 */
function throughPower(
  { dy, input, output, wants }: BackwardPass,
  p: Tensor,
  ofPower: boolean,
): BackwardResult {
  const [x, y] = [input(0), output()]
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape
  const raised = tf.maximum(x, floor) // [B,H,W,C]
  const inputs = [wants(0) ? gradient() : null]
  if (!ofPower) return { inputs }
  const powers = tf.pow(raised, p) // [B,H,W,C]
  const weighted = tf.div(tf.sum(tf.mul(powers, tf.log(raised)), [1, 2]), tf.mul(tf.sum(powers, [1, 2]), p)) // [B,C]
  const dp = tf.sum(tf.mul(tf.mul(dy, y), tf.sub(weighted, tf.div(tf.log(y), p)))) // []
  return { inputs, parameters: { p: tf.reshape(dp, [1]) } }

  function gradient(): Tensor {
    const factor = tf.div(tf.mul(dy, tf.pow(y, tf.sub(1, p))), height * width) // [B,C]
    const perPixel = tf.mul(tf.pow(raised, tf.sub(p, 1)), tf.reshape(factor, [batch, 1, 1, channels])) // [B,H,W,C]
    return tf.mul(perPixel, tf.cast(tf.greaterEqual(x, floor), 'float32'))
  }
}

/** Pixels that share the maximum share its gradient. */
function throughMaximum({ dy, input, output }: BackwardPass): BackwardResult {
  const x = input(0)
  const [batch = 1, , , channels = 1] = x.shape
  const spread = (each: Tensor): Tensor => tf.reshape(each, [batch, 1, 1, channels])
  const isMost = tf.cast(tf.equal(x, spread(output())), 'float32') // [B,H,W,C]
  const share = tf.div(dy, tf.sum(isMost, [1, 2])) // [B,C]
  return { inputs: [tf.mul(isMost, spread(share))] }
}
