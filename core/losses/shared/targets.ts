/** Makes what a loss is asked for. */
import * as tf from '@tensorflow/tfjs-core'
import type { Targets } from './loss.ts'

/**
 * @param given.instances which image of the data set each one shows; each its own when left out
 * @returns targets whose `labels` the caller disposes of
 */
export function makeTargets(given: {
  readonly labels: Int32Array
  readonly classCount: number
  readonly instances?: Int32Array
  readonly seed?: number
}): Targets {
  const { labels, classCount, instances = labels.map((_, at) => at), seed = 0 } = given
  return { labels: tf.tensor1d(labels, 'int32'), classCount, host: { labels, instances }, seed } // [B]
}
