/** ResNet-50 on ImageNet as PyTorch's example trains it. */
import { imagenetInput, imagenetTransforms } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50: Preset = {
  name: 'imagenet-resnet50',
  title: 'ImageNet, ResNet-50',
  summary:
    "PyTorch's ImageNet example with its defaults: 90 epochs, learning rate 0.1 divided by 10 every 30.",
  source: 'pytorch/examples, imagenet/main.py at 49e1a88',
  config: {
    model: { name: 'resnet50' },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
    schedule: { name: 'step', options: { learningRate: 0.1, everyEpochs: 30, factor: 0.1 } },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 90, batchSize: 256, logEverySteps: 10 },
  },
}
