/** ImageNet, SE-ResNet-50 (MindSpore recipe). */
import { mindsporeData, mindsporeLoss, mindsporeSgd } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetSeResnet50Mindspore: Preset = {
  name: 'imagenet-se-resnet50-mindspore',
  title: 'ImageNet, SE-ResNet-50 (MindSpore recipe)',
  summary:
    "24 of 28 epochs, pixels less their means and not scaled. The rate is the recipe's 0.3 for eight devices of 32 images, scaled to one. It judges at 256 pixels of 292 and reports 76.8 % top-1; validation here is at the training size, evaluate --size 256 repeats theirs.",
  source: 'mindspore-ai/models, official/cv/ResNet, se-resnet50_imagenet2012_config.yaml at eab643f',
  config: {
    model: { name: 'se-resnet50-mindspore' },
    loss: mindsporeLoss,
    optimizer: mindsporeSgd,
    schedule: { name: 'mindspore-cosine', options: { learningRate: 0.0375, warmupEpochs: 3 } },
    ...mindsporeData,
    // Means on the scale 0 to 255 are 123.68, 116.78 and 103.94.
    input: {
      size: 224,
      channels: 3,
      mean: [0.48502, 0.45796, 0.40761],
      std: [0.0039216, 0.0039216, 0.0039216],
    },
    // Of ImageNet in batches of 32: 24 epochs of 40,036 steps.
    training: { epochs: 28, maxSteps: 960_864, batchSize: 32 },
  },
}
