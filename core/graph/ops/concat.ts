/** Values side by side along the channels. */
import * as tf from '@tensorflow/tfjs-core'
import { readsNothing, type Op } from './shared/op.ts'

export const concat: Op = {
  name: 'concat',
  shape: (inputs, _attributes, fail) => {
    const [first = []] = inputs
    const size = first.slice(0, -1).join(' x ')
    if (inputs.some(shape => shape.length !== first.length || shape.slice(0, -1).join(' x ') !== size)) {
      fail(
        `expected inputs of one height and width, got ${inputs.map(shape => `[${shape.join(', ')}]`).join(' and ')}`,
      )
    }
    return [...first.slice(0, -1), inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0)]
  },
  macs: () => 0,
  forward: ({ inputs }) => ({ output: tf.concat([...inputs], inputs[0]!.rank - 1) }),
  reads: () => readsNothing,
  backward: ({ dy, inputShapes, wants }) => {
    const channels = inputShapes.map(shape => shape.at(-1) ?? 0)
    const starts = channels.map((_, i) => channels.slice(0, i).reduce((sum, count) => sum + count, 0))
    const part = (i: number): tf.Tensor => {
      const begin = [...dy.shape.slice(0, -1).map(() => 0), starts[i]!]
      return tf.slice(dy, begin, [...dy.shape.slice(0, -1), channels[i]!])
    }
    return { inputs: channels.map((_, i) => (wants(i) ? part(i) : null)) }
  },
}
