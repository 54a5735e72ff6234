/** Mean over a window. Padding is not counted, as in TensorFlow and in torch with count_include_pad off. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { runKernel } from './shared/kernel.ts'
import type { Op, Shape } from './shared/op.ts'
import { tfjsPadding, windowShape, type Window } from './shared/window.ts'

export const avgPool: Op = {
  name: 'avg_pool',
  shape: ([image = []], attributes, fail) => [
    ...windowShape(image, attributes as unknown as Window, fail),
    image[2] ?? 0,
  ],
  macs: () => 0,
  forward: ({ node, inputs: [x] }) => ({ output: runKernel(tf.AvgPool, { x: x! }, poolAttributes(node)) }),
  // The kernel's gradient asks for the input for its shape alone.
  reads: () => ({ inputs: [0], output: false }),
  backward: ({ node, dy, input, inputShapes }) => {
    const window = node.attributes as unknown as Window
    const isPadded = window.padding.some(pixels => pixels > 0)
    const share = isPadded ? tf.mul(dy, paddingCorrection(window, inputShapes[0] ?? [], node.shape)) : dy
    return { inputs: [runKernel(tf.AvgPoolGrad, { dy: share, input: input(0) }, poolAttributes(node))] }
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

/**
 * tfjs's gradient divides by the whole window even where forward divided by the pixels inside the image.
 * @returns whole window over pixels inside, [1, H', W', 1].
 */
function paddingCorrection({ kernel, strides, padding }: Window, input: Shape, output: Shape): Tensor {
  const inside = (axis: 0 | 1): number[] =>
    Array.from({ length: output[axis] ?? 0 }, (_, i) => {
      const start = i * strides[axis] - padding[axis * 2]!
      return Math.min(start + kernel[axis], input[axis] ?? 0) - Math.max(start, 0)
    })
  const [rows, columns] = [inside(0), inside(1)]
  const values = rows.flatMap(row => columns.map(column => (kernel[0] * kernel[1]) / (row * column)))
  return tf.tensor(values, [1, rows.length, columns.length, 1])
}
