/** Matrices of which only square blocks along the diagonal are kept, [N,S,S]. The last block is filled up with the identity. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/** Side of a block: smaller matrices are one block. */
export const blockSide = 128

export interface Blocks {
  readonly count: number
  readonly side: number
}

export function blocksOf(size: number): Blocks {
  const side = Math.min(size, blockSide)
  return { count: Math.ceil(size / side), side }
}

/** A matrix of many rows [count, size], of which pieces are made when they are wanted. */
export interface Rows {
  readonly count: number
  readonly size: number
  readonly pieces: number
  /** The columns `from` to `to`, [rows of the piece, to − from]. */
  columns(piece: number, from: number, to: number): Tensor
}

/** The blocks of the mean of rowᵀ·row over all rows, plus `damping` on the diagonal. */
export function momentBlocks(rows: Rows, damping: number): Tensor {
  const { size } = rows
  const blocks = blocksOf(size)
  const sums = Array.from({ length: blocks.count }, (_, block) =>
    tf.tidy(() => {
      const from = block * blocks.side
      const to = Math.min(size, from + blocks.side)
      const pieces = Array.from({ length: rows.pieces }, (__, piece) =>
        tf.tidy(() => productWithItself(rows.columns(piece, from, to))),
      )
      const beyond: [number, number] = [0, blocks.side - (to - from)]
      return tf.pad(tf.addN(pieces), [beyond, beyond])
    }),
  )
  return tf.add(tf.mul(tf.stack(sums), 1 / rows.count), diagonal(size, blocks, damping))
}

/** rowᵀ·row summed over rows [R,S], as the filter gradient of a 1x1 convolution: of long matrices all backends compute that best. */
function productWithItself(rows: Tensor): Tensor {
  const [count = 0, side = 0] = rows.shape
  const x = tf.reshape(rows, [1, 1, count, side])
  const attributes = { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dimRoundingMode: 'floor' }
  const filterShape = [1, 1, side, side]
  const product = tf
    .engine()
    .runKernel<Tensor>(tf.Conv2DBackpropFilter, { x, dy: x }, { ...attributes, filterShape })
  return tf.reshape(product, [side, side])
}

/** `damping` everywhere on the diagonals, and 1 where the last block is beyond the matrix. */
function diagonal(size: number, { count, side }: Blocks, damping: number): Tensor {
  const values = new Float32Array(count * side * side)
  for (let at = 0; at < count * side; at++) {
    const within = at % side
    values[Math.floor(at / side) * side * side + within * side + within] = at < size ? damping : 1
  }
  return tf.tensor3d(values, [count, side, side])
}

/** Left·matrix·right with blocks of the left [N,S,S] and of the right one, matrix [rows, columns]. */
export function betweenBlocks(left: Tensor, matrix: Tensor2D, right: Tensor): Tensor {
  const [rows, columns] = matrix.shape
  const fromRight = joinColumns(product(columnBlocks(matrix, blocksOf(columns)), right), columns) // [rows,columns]
  const turned = columnBlocks(tf.transpose(fromRight), blocksOf(rows)) // [N,columns,S]
  return tf.transpose(joinColumns(product(turned, left), rows)) // the blocks are symmetric
}

/** [N,R,S]·[N,S,S] */
function product(a: Tensor, b: Tensor): Tensor {
  return tf.engine().runKernel('BlockProduct', { a, b })
}

/** [R,D] as [N,R,S], with zeros beyond D. */
function columnBlocks(rows: Tensor, { count, side }: Blocks): Tensor {
  const [length = 1, size = 1] = rows.shape
  if (count === 1) return tf.reshape(rows, [1, length, size])
  const filled = tf.pad(rows as Tensor2D, [
    [0, 0],
    [0, count * side - size],
  ])
  return tf.transpose(tf.reshape(filled, [length, count, side]), [1, 0, 2])
}

/** Undoes `columnBlocks`. */
function joinColumns(parts: Tensor, size: number): Tensor {
  const [count = 1, length = 1, side = 1] = parts.shape
  const joined = tf.reshape(tf.transpose(parts, [1, 0, 2]), [length, count * side])
  return count * side === size ? joined : tf.slice(joined, [0, 0], [length, size])
}
