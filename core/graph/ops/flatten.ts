/** [H, W, C] to [H·W·C]. */
import * as tf from '@tensorflow/tfjs-core'
import { readsNothing, sizeOf, type Op } from './shared/op.ts'

export const flatten: Op = {
  name: 'flatten',
  shape: ([input = []]) => [sizeOf(input)],
  macs: () => 0,
  forward: ({ node, inputs: [x] }) => ({ output: tf.reshape(x!, [x!.shape[0]!, ...node.shape]) }),
  reads: () => readsNothing,
  backward: ({ dy, inputShapes }) => ({
    inputs: [tf.reshape(dy, [dy.shape[0]!, ...(inputShapes[0] ?? [])])],
  }),
}
