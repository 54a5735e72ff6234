/** CIFAR-10, MultiGrain. */
import { cifarInput, cifarTransforms } from './shared/cifar.ts'
import type { Preset } from './shared/preset.ts'

export const cifar10Multigrain: Preset = {
  name: 'cifar10-multigrain',
  title: 'CIFAR-10, MultiGrain',
  summary:
    'ResNet-20 with GeM pooling, each image twice in a batch: an embedding for classes and copies on small images.',
  source: 'After Berman et al. 2019, MultiGrain; length and augmentation chosen for small images',
  config: {
    model: { name: 'multigrain', options: { backbone: 'cifar-resnet20', pooling: 'gem', gemPower: 3 } },
    loss: { name: 'multigrain', options: { classWeight: 0.5 } },
    sampler: { name: 'repeated-augmentation', options: { repeats: 2, epochFactor: 1 } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 5e-4 } },
    schedule: { name: 'cosine', options: { learningRate: 0.1, warmupEpochs: 1 } },
    input: cifarInput,
    transforms: {
      train: [
        { name: 'random-resized-crop', options: { minScale: 0.4 } },
        { name: 'horizontal-flip' },
        { name: 'color-jitter', options: { brightness: 0.3, contrast: 0.3, saturation: 0.3 } },
      ],
      eval: cifarTransforms.eval,
    },
    training: { epochs: 60, batchSize: 128, evaluationBatchSize: 256, logEverySteps: 50 },
  },
}
