/** How well a network classifies the images of a source, where each may be shown more than once. */
import { metrics } from '../metrics/index.ts'
import type { ClassificationFigures } from './classification.ts'
import { forEachBatch, type BatchWatcher } from './forEachBatch.ts'
import type { Network } from './network.ts'
import type { ViewSource } from './viewSource.ts'

/** What a network said of some images. */
export interface Judged {
  /** Logits, or logarithms of mean probabilities where images were shown more than once, [count, classCount]. */
  readonly logits: Float32Array
  /** [count] */
  readonly labels: Int32Array
  /** Index of each image in its split, [count]. */
  readonly indices: Int32Array
  readonly classCount: number
}

/**
 * Figures as `classify` gives them. Probabilities of an image's views are averaged.
 * @param tell told of every batch
 * @returns null when cancelled.
 */
export async function classifyViews(
  network: Network,
  source: ViewSource,
  watcher: BatchWatcher,
  tell: (judged: Judged) => void = () => {},
): Promise<ClassificationFigures | null> {
  const figures = {
    top1: metrics.create({ name: 'top1' }),
    top5: metrics.create({ name: 'top5' }),
    loss: metrics.create({ name: 'loss' }),
  }
  let imageCount = 0
  const skippedCount = await forEachBatch(network, source, 'logits', watcher, ({ batch, values, width }) => {
    const { labels, indices, views } = batch
    const logits = views === 1 ? values : meanProbabilities(values, width, views)
    for (const metric of Object.values(figures)) metric.add({ logits, labels, classCount: width })
    tell({ logits, labels, indices, classCount: width })
    imageCount += labels.length
  })
  if (skippedCount === null) return null
  return {
    top1: figures.top1.value(),
    top5: figures.top5.value(),
    loss: figures.loss.value(),
    imageCount,
    skippedCount,
  }
}

/** Logarithms of each image's mean probabilities over its views, whose softmax they are. */
function meanProbabilities(values: Float32Array, width: number, views: number): Float32Array {
  const out = new Float32Array(values.length / views)
  for (let image = 0; image < out.length / width; image++) {
    const sums = new Float64Array(width)
    for (let view = 0; view < views; view++) {
      const logits = values.subarray((image * views + view) * width, (image * views + view + 1) * width)
      const largest = logits.reduce((most, z) => Math.max(most, z), -Infinity)
      const powers = Float64Array.from(logits, z => Math.exp(z - largest))
      const total = powers.reduce((sum, power) => sum + power, 0)
      powers.forEach((power, k) => (sums[k]! += power / total / views))
    }
    sums.forEach((sum, k) => (out[image * width + k] = Math.log(sum)))
  }
  return out
}
