/**
 * Sets a share of the values to zero in training and scales the rest by 1 / (1 − rate). The mask is a pure function of the
 * step's seed and the node's name, drawn on the host, so that it is the same on every backend.
 *
 * @source Srivastava et al. 2014, in the inverted form of every current framework.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { randomStream } from '../random.ts'
import { passThroughShape } from './shared/elementwise.ts'
import { readsNothing, type Op } from './shared/op.ts'

export const dropout: Op = {
  name: 'dropout',
  shape: (inputs, attributes, fail) => {
    const rate = attributes['rate'] as number
    if (!(rate >= 0 && rate < 1))
      fail(`rate: expected a number from 0 up to but not including 1, got ${rate}`)
    return passThroughShape(inputs)
  },
  macs: () => 0,
  forward: ({ node, inputs: [x], mode, seed }) => {
    if (mode === 'evaluation' || rateOf(node) === 0) return { output: tf.clone(x!) }
    const mask = dropoutMask(node, x!.shape, seed)
    return { output: tf.mul(x!, mask), saved: [mask] }
  },
  reads: () => readsNothing,
  backward: ({ dy, saved: [mask] }) => ({ inputs: [mask ? tf.mul(dy, mask) : tf.clone(dy)] }),
}

function rateOf(node: GraphNode): number {
  return node.attributes['rate'] as number
}

function dropoutMask(node: GraphNode, shape: readonly number[], seed: number): tf.Tensor {
  const random = randomStream(seed, node.name)
  const rate = rateOf(node)
  const kept = 1 / (1 - rate)
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () =>
    random() < rate ? 0 : kept,
  )
  return tf.tensor(values, [...shape])
}
