/**
 * Margin loss: pairs of the same instance closer than β − α, others farther than β + α, with β learned.
 *
 * Σ relu(d − β + α) over the positive pairs plus Σ relu(β − d + α) over the negative ones, divided by the number of terms above zero.
 * @source Wu et al. 2017, Sampling Matters in Deep Embedding Learning, eq. 5; Berman et al. 2019, MultiGrain, §3.1.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { withoutGradient } from './embeddings.ts'

/**
 * @param d distances [B,B]
 * @param beta [1]
 * @param positives mask [B,B]
 * @param negatives mask [B,B]
 * @param margin α
 */
export function marginLoss(
  d: Tensor,
  beta: Tensor,
  positives: Tensor,
  negatives: Tensor,
  margin: number,
): Scalar {
  const tooFar = tf.mul(tf.relu(tf.add(tf.sub(d, beta), margin)), positives)
  const tooNear = tf.mul(tf.relu(tf.add(tf.sub(beta, d), margin)), negatives)
  const terms = tf.add(tooFar, tooNear) // [B,B]: no pair is both
  const count = withoutGradient(terms, each => tf.maximum(tf.sum(tf.step(each)), 1))
  return tf.div<Scalar>(tf.sum(terms), count)
}
