/** A number that is learned and belongs to no layer, such as the boundary of a margin loss. It does not depend on the images. */
import * as tf from '@tensorflow/tfjs-core'
import { readsNothing, type Op } from './shared/op.ts'

interface ParameterAttributes {
  readonly value: number
  readonly learningRateFactor: number
}

export const parameter: Op = {
  name: 'parameter',
  shape: () => [],
  state: (name, _inputs, attributes) => {
    const { value, learningRateFactor } = attributes as unknown as ParameterAttributes
    const initializer = { kind: 'constant', value } as const
    const info = { name: `${name}.value`, shape: [1], kind: 'scalar', initializer } as const
    return { parameters: [{ ...info, learningRateFactor, decays: false }], buffers: [] }
  },
  macs: () => 0,
  forward: ({ tensor }) => ({ output: tf.clone(tensor('value')) }), // [1]
  reads: () => readsNothing,
  backward: ({ dy }) => ({ inputs: [], parameters: { value: tf.clone(dy) } }),
}
