/**
 * The shortcut without parameters: every stride-th pixel, and zeros appended for the channels that are new.
 *
 * @source He et al. 2015, option A; zeros behind the old channels, as in facebook/fb.resnet.torch.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { GraphNode } from '../types.ts'
import { readsNothing, type Op, type Shape } from './shared/op.ts'

export interface ShortcutAttributes {
  readonly stride: number
  readonly channels: number
}

export const shortcutA: Op = {
  name: 'shortcut_a',
  shape: ([image = []], attributes, fail) => {
    const { stride, channels } = attributes as unknown as ShortcutAttributes
    const [height = 0, width = 0, had = 0] = image
    if (image.length !== 3) fail(`expected an input [H, W, C], got [${image.join(', ')}]`)
    if (channels < had) fail(`expected at least the ${had} channels of the input, got ${channels}`)
    return [Math.ceil(height / stride), Math.ceil(width / stride), channels]
  },
  macs: () => 0,
  forward: ({ node, inputs: [x] }) => ({
    output: appendChannels(subsample(x!, strideOf(node)), node.shape[2]!),
  }),
  reads: () => readsNothing,
  backward: ({ node, dy, inputShapes }) => ({ inputs: [spread(dy, strideOf(node), inputShapes[0] ?? [])] }),
}

function strideOf(node: GraphNode): number {
  return (node.attributes as unknown as ShortcutAttributes).stride
}

function subsample(x: Tensor, stride: number): Tensor {
  if (stride === 1) return x
  return tf.stridedSlice(x, [0, 0, 0, 0], [...x.shape], [1, stride, stride, 1]) // [B,h,w,C]
}

function appendChannels(x: Tensor, channels: number): Tensor {
  const added = channels - x.shape.at(-1)!
  if (added === 0) return tf.clone(x)
  return tf.reshape(padEnd(tf.reshape(x, [-1, x.shape.at(-1)!]), added), [...x.shape.slice(0, -1), channels])
}

/** The adjoint: drops the new channels and puts zeros between the pixels. */
function spread(dy: Tensor, stride: number, [height = 1, width = 1, channels = 1]: Shape): Tensor {
  const [batch = 1, rows = 1, columns = 1, had = 1] = dy.shape
  const pixels = firstColumns(tf.reshape(dy, [batch * rows * columns, had]), channels) // [B·h·w,C]
  // A pixel followed by zeros is a longer row of a matrix, and so is a row followed by rows of zeros.
  const rowLength = columns * stride * channels
  const wide = tf.reshape(padEnd(pixels, (stride - 1) * channels), [batch * rows, rowLength])
  const tall = padEnd(wide, (stride - 1) * rowLength)
  const full = tf.reshape(tall, [batch, rows * stride, columns * stride, channels])
  if (rows * stride === height && columns * stride === width) return full
  return tf.slice(full, [0, 0, 0, 0], [batch, height, width, channels]) // [B,H,W,C]
}

function firstColumns(matrix: Tensor, columns: number): Tensor {
  if (matrix.shape[1] === columns) return tf.clone(matrix)
  return tf.slice(matrix, [0, 0], [matrix.shape[0]!, columns])
}

/** Appends zero columns to a matrix. */
function padEnd(matrix: Tensor, columns: number): Tensor {
  if (columns === 0) return tf.clone(matrix)
  return tf.pad(matrix, [
    [0, 0],
    [0, columns],
  ])
}
