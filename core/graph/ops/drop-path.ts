/**
 * Stochastic depth: in training, leaves out a branch for a share of the images and scales it for the others by 1 / (1 − rate). Which
 * images is a pure function of the step's seed and the node's name.
 *
 * @source Huang et al. 2016, Deep Networks with Stochastic Depth; timm's DropPath.
 */
import * as tf from '@tensorflow/tfjs-core'
import { randomStream } from '../random.ts'
import { passThroughShape } from './shared/elementwise.ts'
import { readsNothing, type Op } from './shared/op.ts'

export const dropPath: Op = {
  name: 'drop_path',
  shape: (inputs, { rate }, fail) => {
    if (!((rate as number) >= 0 && (rate as number) < 1))
      fail(`rate: expected a number from 0 up to but not including 1, got ${String(rate)}`)
    return passThroughShape(inputs)
  },
  macs: () => 0,
  forward: ({ node, inputs: [x], mode, seed }) => {
    const rate = node.attributes['rate'] as number
    if (mode === 'evaluation' || rate === 0) return { output: tf.clone(x!) }
    const [batch = 0, ...rest] = x!.shape
    const random = randomStream(seed, node.name)
    const kept = Float32Array.from({ length: batch }, () => (random() < rate ? 0 : 1 / (1 - rate)))
    const mask = tf.tensor(kept, [batch, ...rest.map(() => 1)])
    return { output: tf.mul(x!, mask), saved: [mask] }
  },
  reads: () => readsNothing,
  backward: ({ dy, saved: [mask] }) => ({ inputs: [mask ? tf.mul(dy, mask) : tf.clone(dy)] }),
}
