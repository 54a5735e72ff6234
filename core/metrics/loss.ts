/** Cross-entropy of an evaluation. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Metric, Predictions } from './shared/metric.ts'

export const loss = entry({
  name: 'loss',
  title: 'Cross-entropy loss',
  summary: 'Mean −log p(true class) over the images, without label smoothing, summed in double precision.',
  source: 'torch.nn.CrossEntropyLoss with label_smoothing 0',
  options: z.strictObject({}),
  create: (): Metric => {
    let sum = 0
    let imageCount = 0
    return {
      add: predictions => {
        imageCount += predictions.labels.length
        for (let image = 0; image < predictions.labels.length; image++)
          sum += negativeLogLikelihood(predictions, image)
      },
      value: () => (imageCount === 0 ? NaN : sum / imageCount),
    }
  },
})

/** −log softmax(logits)[label] = log Σ exp(z − max) + max − z[label]. */
function negativeLogLikelihood({ logits, labels, classCount }: Predictions, image: number): number {
  const start = image * classCount
  let max = -Infinity
  for (let index = start; index < start + classCount; index++) max = Math.max(max, logits[index]!)
  let sum = 0
  for (let index = start; index < start + classCount; index++) sum += Math.exp(logits[index]! - max)
  return Math.log(sum) + max - logits[start + labels[image]!]!
}
