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
 * @param scores how probable the class is for every image, in any measure that grows with it, [count]
 * @param own images of the class
 * @source scikit-learn's average_precision_score and precision_recall_curve.
 */
export function precisionRecall(scores: Float64Array, own: readonly number[]): PrecisionRecall {
  const ownScores = Float64Array.from(own, image => scores[image]!).sort()
  const thresholds = Float64Array.from(new Set(ownScores.reverse()))
  const [right, all] = [new Float64Array(thresholds.length), new Float64Array(thresholds.length)]
  const least = thresholds.at(-1) ?? Infinity
  const firstAtMost = placeFinder(thresholds)
  // Most images are less probable than any of the class.
  for (let image = 0; image < scores.length; image++)
    if (scores[image]! >= least) all[firstAtMost(scores[image]!)]!++
  for (const score of ownScores) right[firstAtMost(score)]!++
  const precision = new Float64Array(thresholds.length)
  const recall = new Float64Array(thresholds.length)
  let [taken, found, averagePrecision] = [0, 0, own.length > 0 ? 0 : NaN]
  for (let at = 0; at < thresholds.length; at++) {
    found += right[at]!
    taken += all[at]!
    precision[at] = found / taken
    recall[at] = found / own.length
    averagePrecision += (right[at]! / own.length) * precision[at]!
  }
  return { averagePrecision, thresholds, precision, recall }
}

const bucketCount = 256

/**
 * Finds the first threshold that a score reaches, in falling order; scores are at least the last. A table of equal parts of their range
 * says where to begin, as millions of binary searches would take seconds.
 */
function placeFinder(thresholds: Float64Array): (score: number) => number {
  const [most, least] = [thresholds[0] ?? 0, thresholds.at(-1) ?? 0]
  const scale = most > least && Number.isFinite(most - least) ? bucketCount / (most - least) : 0
  const starts = Int32Array.from({ length: bucketCount + 1 }, (_, bucket) => {
    const upper = scale > 0 ? least + (bucket + 1) / scale : Infinity
    return thresholds.findIndex(threshold => threshold <= upper)
  })
  return score => {
    const bucket = Math.min(bucketCount, Math.floor((score - least) * scale))
    // Rounding may put the beginning one too far.
    let at = Math.max(0, starts[bucket]! - 1)
    while (thresholds[at]! > score) at++
    return at
  }
}
