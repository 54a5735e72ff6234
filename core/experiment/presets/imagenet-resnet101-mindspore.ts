/** ImageNet, ResNet-101 (MindSpore recipe). */
import { mindsporeData, mindsporeLoss, mindsporeSgd } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet101Mindspore: Preset = {
  name: 'imagenet-resnet101-mindspore',
  title: 'ImageNet, ResNet-101 (MindSpore recipe)',
  summary:
    "120 epochs of linear times cosine decay, label smoothing. The learning rate is the recipe's 0.1 for eight devices of 32 images, scaled to one; it reports 78.5 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet101_imagenet2012_config.yaml at eab643f',
  config: {
    model: { name: 'resnet101', options: { form: 'mindspore' } },
    loss: mindsporeLoss,
    optimizer: mindsporeSgd,
    schedule: {
      name: 'mindspore-cosine',
      options: { learningRate: 0.0125, initialLearningRate: 0, warmupEpochs: 2 },
    },
    ...mindsporeData,
    training: { epochs: 120, batchSize: 32 },
  },
}
