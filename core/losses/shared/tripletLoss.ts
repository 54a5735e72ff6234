/** Triplet losses: an image closer to one of its own instance than to another one, by a margin. */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import { distances, withoutGradient } from './embeddings.ts'
import type { Pairs } from './pairs.ts'

/** Which triplets count: all within the miner's margin, only wrong ones, only right ones within it, or the hardest of each image. */
export type Miner = 'all' | 'hard' | 'semi-hard' | 'batch-hard'

/** All triplets of so many images are B³ numbers. */
const mostForAll = 256

/**
 * Mean of relu(d_ap − d_an + margin) over the terms above zero.
 * @param e normalised embeddings [B,C]
 * @param minerMargin a triplet whose negative is farther than its positive by more is left out
 * @throws AppError invalid-config for a batch whose triplets would be too many.
 * @source pytorch-metric-learning, TripletMarginLoss, TripletMarginMiner and BatchHardMiner; Hermans et al. 2017 for the latter.
 */
export function tripletLoss(
  e: Tensor2D,
  pairs: Pairs,
  {
    margin,
    miner,
    minerMargin,
  }: { readonly margin: number; readonly miner: Miner; readonly minerMargin: number },
): Scalar {
  const d = distances(e)
  const terms =
    miner === 'batch-hard' ? hardestTerms(d, pairs, margin) : allTerms(d, pairs, margin, miner, minerMargin)
  const count = withoutGradient(terms, each => tf.maximum(tf.sum(tf.step(each)), 1))
  return tf.div<Scalar>(tf.sum(terms), count)
}

/** One term for each image that has both a positive and a negative, [B]. */
function hardestTerms(d: Tensor2D, { same, other }: Pairs, margin: number): Tensor {
  const chosen = (score: Tensor, mask: Tensor2D): Tensor =>
    withoutGradient(score, each => {
      const allowed = tf.add(each, tf.mul(tf.sub(1, mask), -1e9))
      return tf.mul(tf.cast(tf.oneHot(tf.argMax(allowed, 1), mask.shape[1]), 'float32'), mask) // [B,B]
    })
  const positive = chosen(d, same)
  const negative = chosen(tf.neg(d), other)
  const difference = tf.sub(tf.sum(tf.mul(d, positive), 1), tf.sum(tf.mul(d, negative), 1)) // [B]
  const hasBoth = tf.mul(tf.max(same, 1), tf.max(other, 1)) // [B]
  return tf.mul(tf.relu(tf.add(difference, margin)), hasBoth)
}

/** [B,B,B]: anchor, positive, negative. */
function allTerms(
  d: Tensor2D,
  { size, same, other }: Pairs,
  margin: number,
  miner: Miner,
  minerMargin: number,
): Tensor {
  if (size > mostForAll) {
    const message = `loss.options.miner: '${miner}' looks at all triplets of a batch, which is only sensible for up to ${mostForAll} images, got ${size}. Use batch-hard, a smaller batch, or more parts (training.accumulate)`
    throw new AppError('invalid-config', message, { field: 'loss.options.miner', value: miner })
  }
  const toPositive = tf.reshape(d, [size, size, 1])
  const toNegative = tf.reshape(d, [size, 1, size])
  const difference = tf.sub(toPositive, toNegative) // [B,B,B]
  const mask = withoutGradient(difference, each => {
    const distinct = tf.mul(tf.reshape(same, [size, size, 1]), tf.reshape(other, [size, 1, size]))
    const isNear = tf.greaterEqual(each, -minerMargin)
    const isWrong = tf.greaterEqual(each, 0)
    const isKept =
      miner === 'all' ? isNear : miner === 'hard' ? isWrong : tf.logicalAnd(isNear, tf.logicalNot(isWrong))
    return tf.mul(distinct, tf.cast(isKept, 'float32'))
  })
  return tf.mul(tf.relu(tf.add(difference, margin)), mask)
}

/**
 * The batch in rows of anchor, positive, negative: mean of relu(‖a − p‖² − ‖a − n‖² + margin).
 * @param e normalised embeddings [B,C]; B is a multiple of three
 * @throws AppError invalid-config for another batch size.
 * @source MCH1997/multigrain, src/loss.py
 */
export function orderedTripletLoss(e: Tensor2D, margin: number): Scalar {
  const [count, channels] = e.shape
  if (count % 3 !== 0) {
    const message = `training.batchSize: ordered triplets take a multiple of 3 images in each part of a batch, got ${count}`
    throw new AppError('invalid-config', message, { field: 'training.batchSize', value: count })
  }
  const triplets = tf.reshape(e, [count / 3, 3, channels])
  const part = (at: number): Tensor => tf.slice(triplets, [0, at, 0], [count / 3, 1, channels])
  const squared = (other: number): Tensor => tf.sum(tf.square(tf.sub(part(0), part(other))), [1, 2]) // [B/3]
  return tf.mean<Scalar>(tf.relu(tf.add(tf.sub(squared(1), squared(2)), margin)))
}
