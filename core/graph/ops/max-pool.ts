/**
 * Maximum over a window; padding never wins. Where the backend notes which pixel won, backward needs neither input nor output.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { hasKernel, runKernel, runKernelMany } from './shared/kernel.ts'
import { readsNothing, type Op } from './shared/op.ts'
import { tfjsPadding, windowShape, type Window } from './shared/window.ts'

export const maxPool: Op = {
  name: 'max_pool',
  shape: ([image = []], attributes, fail) => [
    ...windowShape(image, attributes as unknown as Window, fail),
    image[2] ?? 0,
  ],
  macs: () => 0,
  forward: ({ node, mode, inputs: [x] }) => {
    if (mode === 'evaluation' || !notesPositions(node))
      return { output: runKernel(tf.MaxPool, { x: x! }, poolAttributes(node)) }
    const [output, positions] = runKernelMany('MaxPoolPositions', { x: x! }, poolAttributes(node))
    return { output: output!, saved: [positions!] }
  },
  reads: node => (notesPositions(node) ? readsNothing : { inputs: [0], output: true }),
  backward: ({ node, dy, input, output, inputShapes, saved: [positions] }) => {
    if (positions) {
      const inputShape = [dy.shape[0]!, ...inputShapes[0]!]
      const attributes = { ...poolAttributes(node), inputShape }
      return { inputs: [runKernel('MaxPoolPositionsGrad', { dy, positions }, attributes)] }
    }
    const inputs = { dy, input: input(0), output: output() }
    return { inputs: [runKernel(tf.MaxPoolGrad, inputs, poolAttributes(node))] }
  },
}

/** A position is a byte, and every window must have a pixel inside the image. */
function notesPositions(node: GraphNode): boolean {
  const { kernel, padding } = node.attributes as unknown as Window
  const isCovered = Math.max(...padding.slice(0, 2)) < kernel[0] && Math.max(...padding.slice(2)) < kernel[1]
  return hasKernel('MaxPoolPositions') && isCovered && kernel[0] * kernel[1] < 256
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
