/** Loss and error measures of the parity tests. */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'

/** Mean softmax cross entropy of the output `logits`, as torch.nn.functional.cross_entropy. */
export function crossEntropyOf(
  labels: readonly number[],
  classes: number,
): (outputs: Record<string, Tensor>) => Scalar {
  return outputs =>
    tf.tidy(() => {
      // tfjs's wasm kernel for one-hot writes integers whatever the type asked for, hence the cast.
      const target = tf.cast(tf.oneHot(tf.tensor1d([...labels], 'int32'), classes), 'float32') // [B,K]
      const perImage = tf.sum(tf.mul(target, tf.logSoftmax(outputs['logits']!)), -1) // [B]
      return tf.neg(tf.mean(perImage)) as Scalar
    })
}

/** ‖ours − reference‖₂ / ‖reference‖₂. */
export function relativeError(ours: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (ours.length !== reference.length)
    throw new Error(`expected ${reference.length} values, got ${ours.length}`)
  let difference = 0
  let norm = 0
  for (let i = 0; i < ours.length; i++) {
    difference += (ours[i]! - reference[i]!) ** 2
    norm += reference[i]! ** 2
  }
  return Math.sqrt(difference / norm)
}
