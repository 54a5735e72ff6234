/** ImageNet, ResNet-50 (MindSpore Boost recipe). */
import { mindsporeData, mindsporeLoss } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50BoostMindspore: Preset = {
  name: 'imagenet-resnet50-boost-mindspore',
  title: 'ImageNet, ResNet-50 (MindSpore Boost recipe)',
  summary:
    "60 epochs with LARS at 192 pixels. The rate is the recipe's 13.01 for eight devices of 256 images, scaled to one.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet50_imagenet2012_Boost_config.yaml at eab643f',
  config: {
    model: { name: 'resnet50', options: { form: 'mindspore' } },
    loss: mindsporeLoss,
    optimizer: {
      name: 'lars',
      options: { momentum: 0.85, coefficient: 1e-3, epsilon: 0, weightDecay: 5e-5, noDecay: 'bn-and-bias' },
    },
    schedule: { name: 'mindspore-poly', options: { learningRate: 1.62625, warmupEpochs: 1 } },
    ...mindsporeData,
    input: { ...mindsporeData.input, size: 192 },
    training: { epochs: 60, batchSize: 256 },
  },
}
