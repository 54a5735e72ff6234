/** What each output of a layer was computed from, and its gradient, as rows. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { LayerSample } from '../../graph/index.ts'
import type { Rows } from './blocks.ts'

interface Window {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  /** top, bottom, left, right */
  readonly padding: readonly [number, number, number, number]
}

/** Rows that are in memory at a time: a matrix of a convolution's inputs is many times as large as they are. */
const rowsAtOnce = 2 ** 17

/**
 * The inputs of every output, [B·H'·W', Cin·kh·kw] with the window innermost, as MindSpore and torch order a filter; [B, in] of a
 * dense layer.
 */
export function inputRows({ node, x, dy }: LayerSample): Rows {
  if (x.rank !== 4) return plainRows(x)
  const { kernel, strides, padding } = node.attributes as unknown as Window
  const [top, bottom, left, right] = padding
  const [batch = 0, height = 0, width = 0] = dy.shape
  const window = kernel[0] * kernel[1]
  const images = Math.max(1, Math.floor(rowsAtOnce / (height * width)))
  const columns: Rows['columns'] = (piece, from, to) => {
    // The channels that these columns belong to, as seen from each place of the window.
    const [first, last] = [Math.floor(from / window), Math.ceil(to / window)]
    const start = piece * images
    const count = Math.min(images, batch - start)
    const part = tf.slice(x, [start, 0, 0, first], [count, -1, -1, last - first]) as Tensor4D
    const padded = tf.pad(part, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ])
    const taken = Array.from({ length: window }, (_, at) => {
      const [row, column] = [Math.floor(at / kernel[1]), at % kernel[1]]
      const end = [row + (height - 1) * strides[0] + 1, column + (width - 1) * strides[1] + 1] as const
      const steps = [1, strides[0], strides[1], 1]
      return tf.stridedSlice(padded, [0, row, column, 0], [count, ...end, last - first], steps)
    }) // each [b,H',W',c]
    const shape: [number, number] = [count * height * width, (last - first) * window]
    const all = tf.reshape(window === 1 ? taken[0]! : tf.stack(taken, 4), shape)
    return shape[1] === to - from ? all : tf.slice(all, [0, from - first * window], [shape[0], to - from])
  }
  const count = batch * height * width
  return { count, size: x.shape[3]! * window, pieces: Math.ceil(batch / images), columns }
}

/** The gradient of every output, [B·H'·W', Cout], times `factor`. */
export function gradientRows({ dy }: LayerSample, factor: number): Rows {
  const channels = dy.shape.at(-1)!
  return plainRows(tf.mul(tf.reshape(dy, [dy.size / channels, channels]), factor))
}

function plainRows(rows: Tensor): Rows {
  const [count = 0, size = 0] = rows.shape
  const columns: Rows['columns'] = (_piece, from, to) =>
    from === 0 && to === size ? rows : tf.slice(rows, [0, from], [count, to - from])
  return { count, size, pieces: 1, columns }
}

/** A filter's gradient [kh,kw,Cin,Cout] or a dense layer's [in,out] as a matrix [out, in·kh·kw] in the order of `inputRows`. */
export function asMatrix(gradient: Tensor): Tensor {
  if (gradient.rank === 2) return tf.transpose(gradient)
  const [kernelHeight = 1, kernelWidth = 1, inputs = 1, outputs = 1] = gradient.shape
  return tf.reshape(tf.transpose(gradient, [3, 2, 0, 1]), [outputs, inputs * kernelHeight * kernelWidth])
}

/** Undoes `asMatrix`. */
export function fromMatrix(matrix: Tensor, shape: readonly number[]): Tensor {
  if (shape.length === 2) return tf.transpose(matrix)
  const [kernelHeight = 1, kernelWidth = 1, inputs = 1, outputs = 1] = shape
  return tf.transpose(tf.reshape(matrix, [outputs, inputs, kernelHeight, kernelWidth]), [2, 3, 1, 0])
}
