/** Whether the true class is among the k best, as top-1 and top-5 count it. */
import type { Metric, Predictions } from './metric.ts'

/**
 * Share of images whose true class is among the k classes with the highest logits, a fraction from 0 to 1.
 *
 * Ties count against the network: a class with the same logit as the true one is taken to stand before it, so that a
 * network that answers the same for every class scores 0, not 1. A true logit that is not a number is a miss.
 * With k classes or fewer every image is a hit.
 */
export function topK(k: number): Metric {
  let hitCount = 0
  let imageCount = 0
  return {
    add: predictions => {
      imageCount += predictions.labels.length
      hitCount += countHits(predictions, k)
    },
    value: () => (imageCount === 0 ? NaN : hitCount / imageCount),
  }
}

function countHits({ logits, labels, classCount }: Predictions, k: number): number {
  let hitCount = 0
  for (let image = 0; image < labels.length; image++) {
    const start = image * classCount
    const own = logits[start + labels[image]!]!
    if (!Number.isFinite(own)) continue
    let aheadCount = 0
    for (let index = start; index < start + classCount && aheadCount <= k; index++) {
      // Written so that a logit that is NaN counts as ahead.
      if (!(logits[index]! < own)) aheadCount++
    }
    if (aheadCount - 1 < k) hitCount++
  }
  return hitCount
}
