/** ImageNet, ResNet-50 (MindSpore recipe). */
import { mindsporeLinear } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50Mindspore: Preset = {
  name: 'imagenet-resnet50-mindspore',
  title: 'ImageNet, ResNet-50 (MindSpore recipe)',
  summary:
    "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 76.7 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet50_imagenet2012_config.yaml at eab643f',
  config: mindsporeLinear('resnet50'),
}
