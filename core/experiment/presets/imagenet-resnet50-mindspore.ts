/** ResNet-50 on ImageNet after MindSpore's recipe. */
import { imagenetInput, imagenetTransforms } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50Mindspore: Preset = {
  name: 'imagenet-resnet50-mindspore',
  title: 'ImageNet, ResNet-50 (MindSpore recipe)',
  summary:
    "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 76.7 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet50_imagenet2012_config.yaml at eab643f',
  config: {
    model: { name: 'resnet50' },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1, smoothing: 'other-classes' } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4, noDecay: 'bn-and-bias' } },
    schedule: {
      name: 'mindspore-linear',
      options: { learningRate: 0.1, initialLearningRate: 0, finalLearningRate: 0, warmupEpochs: 2 },
    },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 90, batchSize: 256 },
  },
}
