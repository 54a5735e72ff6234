/** Network outputs of some images, on the host. */
export interface Predictions {
  /** Row-major [count, classCount]. */
  readonly logits: Float32Array
  /** [count] */
  readonly labels: Int32Array
  readonly classCount: number
}

/** Sums one figure over batches, so that its value does not depend on how the images were batched. */
export interface Metric {
  add(predictions: Predictions): void
  /** NaN before the first image. */
  value(): number
}
