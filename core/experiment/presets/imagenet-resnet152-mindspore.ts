/** ImageNet, ResNet-152 (MindSpore recipe). */
import { mindsporeData, mindsporeLoss, mindsporeSgd } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet152Mindspore: Preset = {
  name: 'imagenet-resnet152-mindspore',
  title: 'ImageNet, ResNet-152 (MindSpore recipe)',
  summary:
    "140 epochs, rate in steps of a tenth, last batch norm of each branch from zero. The learning rate is the recipe's 0.1 for eight devices of 32 images, scaled to one; it reports 78.6 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet152_imagenet2012_config.yaml at eab643f',
  config: {
    model: { name: 'resnet152', options: { form: 'mindspore', zeroInitLastGamma: true } },
    loss: mindsporeLoss,
    optimizer: mindsporeSgd,
    schedule: { name: 'mindspore-step', options: { learningRate: 0.0125 } },
    ...mindsporeData,
    training: { epochs: 140, batchSize: 32 },
  },
}
