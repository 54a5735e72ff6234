/** What each output of a layer was computed from, and its gradient, as rows. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { LayerSample } from '../../graph/index.ts'

interface Window {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  /** top, bottom, left, right */
  readonly padding: readonly [number, number, number, number]
}

/**
 * The inputs of every output, [B·H'·W', Cin·kh·kw] with the window innermost, as MindSpore and torch order a filter; [B, in] of a
 * dense layer.
 */
export function inputRows({ node, x, dy }: LayerSample): Tensor {
  if (x.rank !== 4) return x
  const { kernel, strides, padding } = node.attributes as unknown as Window
  const [top, bottom, left, right] = padding
  const [batch = 0, height = 0, width = 0] = dy.shape
  const channels = x.shape[3]!
  const padded = tf.pad(x as Tensor4D, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ])
  const offsets = Array.from({ length: kernel[0] * kernel[1] }, (_, at) => [
    Math.floor(at / kernel[1]),
    at % kernel[1],
  ])
  const taken = offsets.map(([row, column]) =>
    tf.stridedSlice(
      padded,
      [0, row!, column!, 0],
      [batch, row! + (height - 1) * strides[0] + 1, column! + (width - 1) * strides[1] + 1, channels],
      [1, strides[0], strides[1], 1],
    ),
  ) // each [B,H',W',Cin]
  const rows = batch * height * width
  if (taken.length === 1) return tf.reshape(taken[0]!, [rows, channels])
  const stacked = tf.stack(taken, 4) // [B,H',W',Cin,kh·kw]
  return tf.reshape(stacked, [rows, channels * taken.length])
}

/** The gradient of every output, [B·H'·W', Cout]. */
export function gradientRows({ dy }: LayerSample): Tensor {
  const channels = dy.shape.at(-1)!
  return tf.reshape(dy, [dy.size / channels, channels])
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
