/** A fully connected layer, x·W + b. Weights are [in, out]. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { Initializer, ParameterInfo } from '../types.ts'
import { channelMean } from './shared/channels.ts'
import type { Op } from './shared/op.ts'

export interface DenseAttributes {
  readonly units: number
  readonly bias: boolean
  readonly initializer: Initializer
  readonly biasInitializer: Initializer
}

export const dense: Op = {
  name: 'dense',
  shape: ([features = []], attributes, fail) => {
    const { units } = attributes as unknown as DenseAttributes
    if (features.length !== 1)
      fail(`expected an input [C], got [${features.join(', ')}]; flatten or pool it first`)
    if (units < 1) fail(`expected at least one unit, got ${units}`)
    return [units]
  },
  state: (name, [features = []], attributes) => {
    const { units, bias, initializer, biasInitializer } = attributes as unknown as DenseAttributes
    const weightShape = [features[0] ?? 0, units]
    const parameters: ParameterInfo[] = [
      { name: `${name}.weight`, shape: weightShape, kind: 'weight', initializer },
    ]
    if (bias)
      parameters.push({ name: `${name}.bias`, shape: [units], kind: 'bias', initializer: biasInitializer })
    return { parameters, buffers: [] }
  },
  macs: (node, [features = []]) => (features[0] ?? 0) * (node.shape[0] ?? 0),
  forward: ({ node, inputs, tensor }) => {
    const product = tf.matMul(inputs[0] as Tensor2D, tensor('weight') as Tensor2D) // [B,out]
    return { output: hasBias(node.attributes) ? tf.add(product, tensor('bias')) : product }
  },
  reads: () => ({ inputs: [0], output: false }),
  backward: ({ node, dy, input, tensor, wants, wantsParameters }) => {
    const gradient = dy as Tensor2D
    const dx = wants(0) ? tf.matMul(gradient, tensor('weight') as Tensor2D, false, true) : null // [B,in]
    const parameters: Record<string, Tensor> = {}
    if (wantsParameters) {
      parameters['weight'] = tf.matMul(input(0) as Tensor2D, gradient, true, false) // [in,out]
      if (hasBias(node.attributes)) parameters['bias'] = tf.mul(channelMean(gradient), gradient.shape[0]) // [out]
    }
    return { inputs: [dx], parameters }
  },
}

function hasBias(attributes: unknown): boolean {
  return (attributes as DenseAttributes).bias
}
