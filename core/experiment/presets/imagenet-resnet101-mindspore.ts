/** ResNet-101 on ImageNet after MindSpore's recipe. */
import { imagenetInput, imagenetTransforms } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet101Mindspore: Preset = {
  name: 'imagenet-resnet101-mindspore',
  title: 'ImageNet, ResNet-101 (MindSpore recipe)',
  summary:
    "120 epochs of linear times cosine decay, label smoothing. The learning rate is the recipe's 0.1 for eight devices of 32 images, scaled to one; it reports 78.5 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet101_imagenet2012_config.yaml at eab643f',
  config: {
    model: { name: 'resnet101' },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1, smoothing: 'other-classes' } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4, noDecay: 'bn-and-bias' } },
    schedule: {
      name: 'mindspore-cosine',
      options: { learningRate: 0.0125, initialLearningRate: 0, warmupEpochs: 2 },
    },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 120, batchSize: 32 },
  },
}
