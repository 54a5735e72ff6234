/** Embeddings of a batch, and how far they lie from each other. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'

/** e / (‖e‖ + 1e-6), row by row; a row of zeros stays one. @param e [B,C] */
export function normalised(e: Tensor): Tensor2D {
  // What is added under the root keeps the gradient of a row of zeros finite, and is lost in any other.
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(e), 1, true), 1e-24)) // [B,1]
  return tf.div(e, tf.add(norm, 1e-6)) as Tensor2D
}

/** Squared distances of all pairs of rows, [B,B]. */
export function squaredDistances(e: Tensor2D): Tensor2D {
  const squares = tf.sum(tf.square(e), 1, true) // [B,1]
  const sums = tf.add(squares, tf.transpose(squares)) // [B,B]
  const products = tf.matMul(e, e, false, true)
  return tf.maximum(tf.sub(sums, tf.mul(products, 2)), 0) as Tensor2D
}

/** √(Σ Δ² + 1e-8) of all pairs of rows, [B,B]. */
export function distances(e: Tensor2D): Tensor2D {
  return tf.sqrt(tf.add(squaredDistances(e), 1e-8)) as Tensor2D
}

/** Computes something that gradients do not flow through, such as which pairs are chosen; any kernels may be used. */
export function withoutGradient<Made extends Tensor>(x: Tensor, make: (x: Tensor) => Made): Made {
  const constant = tf.customGrad((given: Tensor | ((tensors: Tensor[]) => void)) => {
    const input = given as Tensor
    const { shape } = input
    return { value: make(input), gradFunc: () => tf.zeros(shape) }
  })
  return constant(x) as Made
}
