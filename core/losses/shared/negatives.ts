/**
 * Chooses negatives: for each image as many images of other instances as it has of its own, without replacement.
 *
 * Weighted by distance, a pair at distance d has the probability ∝ 1/q(d), where q(d) ∝ d^(C−2)·(1 − d²/4)^((C−3)/2) is the density of
 * distances on a sphere in C dimensions: all distances are then equally likely. Drawn by the Gumbel trick, the largest of
 * log-probability plus Gumbel noise, so that nothing underflows and nothing is read back from the device. Where an image has too few
 * candidates, the rest is drawn uniformly from all other instances.
 *
 * @source Wu et al. 2017, Sampling Matters in Deep Embedding Learning, §4; Kool et al. 2019 for the draw without replacement.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { randomStream } from '../../graph/index.ts'
import type { Pairs } from './pairs.ts'

/**
 * `row-wise`: as above. `upstream`: weights are divided by the largest of the whole batch before pairs of the same instance are taken out,
 * as MultiGrain's code does; in float32 most then vanish, and the draw is nearly uniform. `uniform`: without weights.
 */
export type NegativeSampling = 'row-wise' | 'upstream' | 'uniform'

/** Distances below count as this, and at or above that are no candidates. */
const nearest = 0.5
const farthest = 1.4
/** The logarithm below which a float32 exponential is zero. */
const underflow = -103.9
/** Below any log-weight with its noise, yet near enough for float32 to keep the noise: drawn only for want of candidates; and never. */
const [lastResort, never] = [-1e3, -1e9]

/**
 * @param d distances [B,B]
 * @param dimensions C, of the embedding
 * @returns mask [B,B] of the chosen pairs
 */
export function chooseNegatives(
  d: Tensor,
  dimensions: number,
  pairs: Pairs,
  sampling: NegativeSampling,
  seed: number,
): Tensor2D {
  return tf.tidy(() => {
    const most = Math.min(Math.max(0, ...pairs.sameCounts), pairs.size - 1)
    if (most === 0) return tf.zeros<tf.Rank.R2>([pairs.size, pairs.size])
    const scores = tf.add(candidateScores(d, dimensions, pairs, sampling), gumbel(pairs.size, seed)) // [B,B]
    // Pairs of the same instance and an image itself are out of the question.
    const allowed = tf.add(scores, tf.mul(tf.sub(1, pairs.other), never))
    const { indices } = tf.topk(allowed, most) // [B,most]
    const oneHot = tf.cast(tf.oneHot(tf.cast(indices, 'int32'), pairs.size), 'float32') // [B,most,B]
    const chosen = tf.sum(tf.mul(oneHot, wanted(pairs, most)), 1) // [B,B]
    // An image that all others show too has no negatives.
    return tf.mul<Tensor2D>(chosen, pairs.other)
  })
}

/** Log-probability of each pair, up to a constant for each row; `lastResort` for those that are no candidates. */
function candidateScores(d: Tensor, dimensions: number, { size }: Pairs, sampling: NegativeSampling): Tensor {
  if (sampling === 'uniform') return tf.zeros([size, size])
  const clipped = tf.minimum(tf.maximum(d, nearest), 1.999)
  const logWeight = tf.sub(
    tf.mul(tf.log(clipped), 2 - dimensions),
    tf.mul(tf.log(tf.sub(1, tf.mul(tf.square(clipped), 0.25))), (dimensions - 3) / 2),
  ) // [B,B]
  let candidates = tf.cast(tf.less(d, farthest), 'float32')
  if (sampling === 'upstream') {
    const above = tf.greater(tf.sub(logWeight, largestOf(logWeight, dimensions, size)), underflow)
    candidates = tf.mul(candidates, tf.cast(above, 'float32'))
  }
  return tf.add(tf.mul(candidates, logWeight), tf.mul(tf.sub(1, candidates), lastResort))
}

/** Over all pairs; an image counts as at distance 1 from itself. */
function largestOf(logWeight: Tensor, dimensions: number, size: number): Tensor {
  const own = (-(dimensions - 3) / 2) * Math.log(0.75)
  const eye = tf.eye(size)
  return tf.max(tf.add(tf.mul(logWeight, tf.sub(1, eye)), tf.mul(eye, own)))
}

/** 1 for each of the first places of a row that are to be filled, [B,most,1]. */
function wanted({ size, sameCounts }: Pairs, most: number): Tensor {
  const mask = new Float32Array(size * most)
  for (let row = 0; row < size; row++) mask.fill(1, row * most, row * most + Math.min(sameCounts[row]!, most))
  return tf.tensor3d(mask, [size, most, 1])
}

/** Standard Gumbel noise, [B,B], drawn on the host so that it is the same on every backend. */
function gumbel(size: number, seed: number): Tensor {
  const random = randomStream(seed, 'negatives')
  const noise = Float32Array.from({ length: size * size }, () => -Math.log(-Math.log(random() + 1e-12)))
  return tf.tensor2d(noise, [size, size])
}
