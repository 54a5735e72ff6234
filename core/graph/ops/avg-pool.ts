/** Mean over a window. Padding is not counted, as in TensorFlow and in torch with count_include_pad off. */
import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { runKernel } from './shared/kernel.ts'
import type { Op } from './shared/op.ts'
import { tfjsPadding, windowShape, type Window } from './shared/window.ts'

export const avgPool: Op = {
  name: 'avg_pool',
  shape: ([image = []], attributes, fail) => [
    ...windowShape(image, attributes as unknown as Window, fail),
    image[2] ?? 0,
  ],
  macs: () => 0,
  forward: ({ node, inputs: [x] }) => ({ output: runKernel(tf.AvgPool, { x: x! }, poolAttributes(node)) }),
  // The kernel asks for the input for its shape alone. It is the workbench's own where a window is padded: tfjs's divides by
  // the whole window there, and forward by the pixels inside the image.
  reads: () => ({ inputs: [0], output: false }),
  backward: ({ node, dy, input }) => ({
    inputs: [runKernel(tf.AvgPoolGrad, { dy, input: input(0) }, poolAttributes(node))],
  }),
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
