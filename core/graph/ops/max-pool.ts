/** Maximum over a window; padding never wins. */
import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { runKernel } from './shared/kernel.ts'
import type { Op } from './shared/op.ts'
import { tfjsPadding, windowShape, type Window } from './shared/window.ts'

export const maxPool: Op = {
  name: 'max_pool',
  shape: ([image = []], attributes, fail) => [
    ...windowShape(image, attributes as unknown as Window, fail),
    image[2] ?? 0,
  ],
  macs: () => 0,
  forward: ({ node, inputs: [x] }) => ({
    output: runKernel(tf.MaxPool, { x: x! }, poolAttributes(node)),
  }),
  reads: () => ({ inputs: [0], output: true }),
  backward: ({ node, dy, input, output }) => {
    const inputs = { dy, input: input(0), output: output() }
    return { inputs: [runKernel(tf.MaxPoolGrad, inputs, poolAttributes(node))] }
  },
}

function poolAttributes(node: GraphNode): object {
  const window = node.attributes as unknown as Window
  return {
    filterSize: [...window.kernel],
    strides: [...window.strides],
    pad: tfjsPadding(window),
    dimRoundingMode: 'floor',
  }
}
