/** How probable an evaluation found each class of each image, from its logits, or from the likeliest classes alone. */
import { topCount, type Predictions } from './predictions.ts'

/** Logits whose sums are soon computed anew. */
const fewLogits = 5_000_000

/**
 * Logarithm of the sum of exponentials of every row of logits, [count]. Of very many it is what the loss adds to the logit of the true
 * class, which saves seconds, and is known to single precision: equal rows may then differ in the last digit.
 */
export function logSums({ count, classCount, label, loss }: Predictions, logits: Float32Array): Float64Array {
  const isSoon = count * classCount <= fewLogits
  return Float64Array.from({ length: count }, (_, row) => {
    const from = row * classCount
    return isSoon ? logSum(logits, from, classCount, 1) : loss[row]! + logits[from + label[row]!]!
  })
}

/** Logarithm of the sum of exponentials of scaled logits. Plain loops: an iterator takes ten times as long. */
export function logSum(logits: Float32Array, from: number, length: number, scale: number): number {
  const end = from + length
  let largest = -Infinity
  for (let at = from; at < end; at++) if (logits[at]! > largest) largest = logits[at]!
  let sum = 0
  for (let at = from; at < end; at++) sum += Math.exp((logits[at]! - largest) * scale)
  return largest * scale + Math.log(sum)
}

/**
 * Scores of some neighbouring classes, [classes, count]: a pass over the rows for many classes is faster than one for each. They are
 * logarithms of probabilities, whose order is the same. Without logits they are probabilities, and classes that are not among the
 * likeliest of an image count as improbable: 0.
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
        scores[(label - first) * count + row] = logits[row * classCount + label]! - sums[row]!
    return scores
  }
  for (let at = 0; at < top.length; at++) {
    const label = top[at]!
    if (label >= first && label < end)
      scores[(label - first) * count + Math.floor(at / topCount)] = probability[at]!
  }
  return scores
}
