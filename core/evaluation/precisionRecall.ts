/** Precision against recall of one class, as its threshold falls. */

export interface PrecisionRecall {
  /** Σ (Rᵢ − Rᵢ₋₁) Pᵢ, 0 to 1; NaN for a class without images. */
  readonly averagePrecision: number
  /** By falling threshold: one point for every probability that an image of the class has. */
  readonly thresholds: Float64Array
  readonly precision: Float64Array
  readonly recall: Float64Array
}

/**
 * Images are taken for the class from a threshold on. Between two images of the class precision only falls at the same recall, so that
 * nothing is lost by leaving those thresholds out, and no sorting of all images is needed.
 *
 * @param scores probability of the class, [count]
 * @param isOf whether each image is of the class
 * @source scikit-learn's average_precision_score and precision_recall_curve.
 */
export function precisionRecall(
  scores: Float64Array,
  isOf: (image: number) => boolean,
  count = scores.length,
): PrecisionRecall {
  const own: number[] = []
  for (let image = 0; image < count; image++) if (isOf(image)) own.push(scores[image]!)
  const thresholds = Float64Array.from(new Set(own.sort((a, b) => b - a)))
  const [right, wrong] = [new Float64Array(thresholds.length), new Float64Array(thresholds.length)]
  for (let image = 0; image < count; image++) {
    const at = firstAtMost(thresholds, scores[image]!)
    if (at < thresholds.length) (isOf(image) ? right : wrong)[at]!++
  }
  const precision = new Float64Array(thresholds.length)
  const recall = new Float64Array(thresholds.length)
  let [taken, found, averagePrecision] = [0, 0, own.length > 0 ? 0 : NaN]
  for (let at = 0; at < thresholds.length; at++) {
    found += right[at]!
    taken += right[at]! + wrong[at]!
    precision[at] = found / taken
    recall[at] = found / own.length
    averagePrecision += (right[at]! / own.length) * precision[at]!
  }
  return { averagePrecision, thresholds, precision, recall }
}

/** Place of the first threshold that a score reaches, in falling order. */
function firstAtMost(thresholds: Float64Array, score: number): number {
  let [low, high] = [0, thresholds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (thresholds[middle]! <= score) high = middle
    else low = middle + 1
  }
  return low
}
