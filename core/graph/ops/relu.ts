/** max(x, 0). Its gradient is read off the output, so that the input need not be kept. */
import * as tf from '@tensorflow/tfjs-core'
import { passThroughShape } from './shared/elementwise.ts'
import { reluGradient } from './shared/normalise.ts'
import type { Op } from './shared/op.ts'

export const relu: Op = {
  name: 'relu',
  shape: passThroughShape,
  macs: () => 0,
  forward: ({ inputs: [x] }) => ({ output: tf.relu(x!) }),
  reads: () => ({ inputs: [], output: true }),
  backward: ({ dy, output }) => ({ inputs: [reluGradient(dy, output())] }),
}
