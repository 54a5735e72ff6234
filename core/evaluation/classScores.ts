/** How probable an evaluation found each class of each image, from its logits, or from the likeliest classes alone. */
import { topCount, type Predictions } from './predictions.ts'

/** Logarithm of the sum of exponentials of every row of logits, [count]. */
export function logSums({ count, classCount }: Predictions, logits: Float32Array): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => {
    const own = logits.subarray(row * classCount, (row + 1) * classCount)
    let largest = -Infinity
    for (const logit of own) if (logit > largest) largest = logit
    let sum = 0
    for (const logit of own) sum += Math.exp(logit - largest)
    return largest + Math.log(sum)
  })
}

/**
 * Probabilities of some neighbouring classes, [classes, count]: a pass over the rows for many classes is faster than one for each.
 * Without logits, classes that are not among the likeliest of an image count as improbable: 0.
 */
export function classScores(
  predictions: Predictions,
  sums: Float64Array | null,
  first: number,
  end: number,
): Float64Array {
  const { count, classCount, logits, top, probability } = predictions
  const scores = new Float64Array((end - first) * count)
  if (logits !== null && sums !== null) {
    for (let row = 0; row < count; row++)
      for (let label = first; label < end; label++)
        scores[(label - first) * count + row] = Math.exp(logits[row * classCount + label]! - sums[row]!)
    return scores
  }
  for (let at = 0; at < top.length; at++) {
    const label = top[at]!
    if (label >= first && label < end)
      scores[(label - first) * count + Math.floor(at / topCount)] = probability[at]!
  }
  return scores
}
