/** 2-D convolution (cross-correlation) with explicit padding. Weights are [kh, kw, Cin, Cout]. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { GraphNode, Initializer, ParameterInfo } from '../types.ts'
import { runKernel } from './shared/kernel.ts'
import { channelMean, valuesPerChannel } from './shared/channels.ts'
import type { BackwardPass, Op, Shape } from './shared/op.ts'
import { tfjsPadding, windowShape, type Window } from './shared/window.ts'

export interface ConvAttributes extends Window {
  readonly filters: number
  readonly bias: boolean
  readonly initializer: Initializer
}

export const conv: Op = {
  name: 'conv',
  shape: ([image = []], attributes, fail) => {
    const { filters } = attributes as unknown as ConvAttributes
    if (filters < 1) fail(`expected at least one filter, got ${filters}`)
    return [...windowShape(image, attributes as unknown as ConvAttributes, fail), filters]
  },
  state: (name, [image = []], attributes) => {
    const { kernel, filters, bias, initializer } = attributes as unknown as ConvAttributes
    const weightShape = [kernel[0], kernel[1], image[2] ?? 0, filters]
    const parameters: ParameterInfo[] = [
      { name: `${name}.weight`, shape: weightShape, kind: 'weight', initializer },
    ]
    if (bias)
      parameters.push({
        name: `${name}.bias`,
        shape: [filters],
        kind: 'bias',
        initializer: { kind: 'zeros' },
      })
    return { parameters, buffers: [] }
  },
  macs: (node, [image = []]) => {
    const { kernel } = attributesOf(node)
    return node.shape.reduce((product, side) => product * side, 1) * kernel[0] * kernel[1] * (image[2] ?? 0)
  },
  forward: ({ node, inputs, tensor }) => {
    const { strides, bias } = attributesOf(node)
    const x = inputs[0] as Tensor4D
    const y = tf.conv2d(
      x,
      tensor('weight') as Tensor4D,
      [...strides],
      tfjsPadding(attributesOf(node)),
      'NHWC',
      1,
      'floor',
    ) // [B,H',W',Cout]
    return { output: bias ? tf.add(y, tensor('bias')) : y }
  },
  reads: () => ({ inputs: [0], output: false }),
  backward: pass => {
    const { node, dy } = pass
    const parameters: Record<string, Tensor> = {}
    if (pass.wantsParameters) {
      parameters['weight'] = filterGradient(pass)
      if (attributesOf(node).bias) parameters['bias'] = biasGradient(dy)
    }
    return { inputs: [pass.wants(0) ? inputGradient(pass) : null], parameters }
  },
}

export function attributesOf(node: GraphNode): ConvAttributes {
  return node.attributes as unknown as ConvAttributes
}

/** As tfjs's kernels of convolutions take them. */
export function kernelAttributes(node: GraphNode): object {
  const { strides } = attributesOf(node)
  return {
    strides: [...strides],
    pad: tfjsPadding(attributesOf(node)),
    dataFormat: 'NHWC',
    dimRoundingMode: 'floor',
  }
}

/** dL/dW as tfjs's own kernel computes it. */
function filterGradient(pass: BackwardPass): Tensor {
  const filterShape = [...pass.tensor('weight').shape]
  const inputs = { x: pass.input(0), dy: pass.dy }
  return runKernel(tf.Conv2DBackpropFilter, inputs, { ...kernelAttributes(pass.node), filterShape })
}

function inputGradient(pass: BackwardPass): Tensor {
  const inputShape: Shape = [pass.dy.shape[0] ?? 0, ...(pass.inputShapes[0] ?? [])]
  const inputs = { dy: pass.dy, filter: pass.tensor('weight') }
  return runKernel(tf.Conv2DBackpropInput, inputs, {
    ...kernelAttributes(pass.node),
    inputShape: [...inputShape],
  })
}

function biasGradient(dy: Tensor): Tensor {
  return tf.mul(channelMean(dy), valuesPerChannel(dy))
}
