/** 1 / (1 + e^−x). Its gradient is read off the output. */
import * as tf from '@tensorflow/tfjs-core'
import { passThroughShape } from './shared/elementwise.ts'
import type { Op } from './shared/op.ts'

export const sigmoid: Op = {
  name: 'sigmoid',
  shape: passThroughShape,
  macs: () => 0,
  forward: ({ inputs: [x] }) => ({ output: tf.sigmoid(x!) }),
  reads: () => ({ inputs: [], output: true }),
  backward: ({ dy, output }) => {
    const y = output()
    return { inputs: [tf.mul(dy, tf.sub(y, tf.square(y)))] }
  },
}
