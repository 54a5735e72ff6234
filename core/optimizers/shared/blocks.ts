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

/** The blocks of the mean of rowᵀ·row over rows [R,D], plus `damping` on the diagonal. */
export function momentBlocks(rows: Tensor, damping: number): Tensor {
  const [count = 1, size = 1] = rows.shape
  const blocks = blocksOf(size)
  const parts = columnBlocks(rows, blocks) // [N,R,S]
  const products = tf.mul(tf.matMul(parts, parts, true, false), 1 / count) // [N,S,S]
  return tf.add(products, diagonal(size, blocks, damping))
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
  const fromRight = joinColumns(tf.matMul(columnBlocks(matrix, blocksOf(columns)), right), columns) // [rows,columns]
  const turned = columnBlocks(tf.transpose(fromRight), blocksOf(rows)) // [N,columns,S]
  return tf.transpose(joinColumns(tf.matMul(turned, left), rows)) // the blocks are symmetric
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
