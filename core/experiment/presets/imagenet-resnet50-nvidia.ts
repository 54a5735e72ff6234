/** ImageNet, ResNet-50 (NVIDIA). */
import { imagenetInput, imagenetTransforms } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50Nvidia: Preset = {
  name: 'imagenet-resnet50-nvidia',
  title: 'ImageNet, ResNet-50 (NVIDIA)',
  summary:
    '90 epochs, cosine from 0.256 for batches of 256, momentum 0.875, label smoothing: 77.1 % top-1 as reported.',
  source: 'NVIDIA DeepLearningExamples, PyTorch/Classification/ConvNets/resnet50v1.5',
  config: {
    model: { name: 'resnet50', options: { zeroInitLastGamma: true } },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1 } },
    optimizer: { name: 'sgd', options: { momentum: 0.875, weightDecay: 1 / 32768, noDecay: 'bn-and-bias' } },
    schedule: { name: 'cosine', options: { learningRate: 0.256, warmupEpochs: 8 } },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 90, batchSize: 256, scaleLearningRate: 'linear' },
  },
}
