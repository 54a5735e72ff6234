/** What the recipes of MultiGrain share: batches of 512 for 120 epochs, each image three times. */
import { imagenetInput, imagenetTransforms } from './imagenet.ts'

/** Crops, flips and light, after `colours`. */
export function multigrainConfig(colours: {
  readonly name: string
  readonly options: Record<string, unknown>
}) {
  return {
    model: { name: 'multigrain', options: { backbone: 'resnet50', pooling: 'gem', gemPower: 3 } },
    loss: {
      name: 'multigrain',
      options: { classWeight: 0.5, instanceLoss: 'margin', margin: 0.2, beta: 1.2, negatives: 'row-wise' },
    },
    sampler: { name: 'repeated-augmentation', options: { repeats: 3, epochFactor: 2 } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
    // Divided by ten after the epochs 30, 60 and 90, counted from 0.
    schedule: { name: 'multi-step', options: { learningRate: 0.2, milestones: [31, 61, 91], factor: 0.1 } },
    input: imagenetInput,
    transforms: {
      train: [
        { name: 'random-resized-crop' },
        { name: 'horizontal-flip' },
        colours,
        { name: 'pca-lighting', options: { strength: 0.1, divisor: 1.1 } },
      ],
      eval: imagenetTransforms.eval,
    },
    data: { decodeThreads: 4 },
    training: { epochs: 120, batchSize: 512 },
    checkpoints: { keepLast: 1, keepEveryEpochs: 10 },
  } as const
}
