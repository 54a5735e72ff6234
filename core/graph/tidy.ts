/** `tf.tidy` for results that are objects with tensors in them. */
import * as tf from '@tensorflow/tfjs-core'
import type { TensorContainer } from '@tensorflow/tfjs-core'

/** Runs `make` and frees every tensor it made but those within its result. */
export function tidyResult<Result extends object>(make: () => Result): Result {
  return tf.tidy(() => make() as TensorContainer) as Result
}
