/** The sum of two or more values of one shape. */
import * as tf from '@tensorflow/tfjs-core'
import { commonShape } from './shared/elementwise.ts'
import { readsNothing, type Op } from './shared/op.ts'

export const add: Op = {
  name: 'add',
  shape: commonShape,
  macs: () => 0,
  forward: ({ inputs }) => ({ output: inputs.slice(1).reduce((sum, x) => tf.add(sum, x), inputs[0]!) }),
  reads: () => readsNothing,
  backward: ({ dy, inputShapes, wants }) => ({
    inputs: inputShapes.map((_, i) => (wants(i) ? tf.clone(dy) : null)),
  }),
}
