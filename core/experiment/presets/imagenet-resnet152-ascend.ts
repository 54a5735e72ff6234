/** ResNet-152 on ImageNet after the recipe for Ascend. */
import { imagenetInput, imagenetTransforms } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet152Ascend: Preset = {
  name: 'imagenet-resnet152-ascend',
  title: 'ImageNet, ResNet-152 (Ascend recipe)',
  summary: '140 epochs, cosine by epochs after five epochs of warm-up, learning rate 0.1 for batches of 256.',
  source: 'Ascend ModelZoo-PyTorch, contrib/cv/classification/ResNet152',
  config: {
    model: { name: 'resnet152' },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
    schedule: { name: 'ascend-cosine', options: { learningRate: 0.1, warmupEpochs: 5 } },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 140, batchSize: 256, logEverySteps: 10 },
  },
}
