/** ImageNet, ResNet-18 (MindSpore recipe). */
import { mindsporeLinear } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet18Mindspore: Preset = {
  name: 'imagenet-resnet18-mindspore',
  title: 'ImageNet, ResNet-18 (MindSpore recipe)',
  summary:
    "90 epochs, linear decay, label smoothing. The learning rate 0.1 is the recipe's 0.8 for eight devices, scaled to one; it reports 70.5 % top-1.",
  source: 'mindspore-ai/models, official/cv/ResNet, resnet18_imagenet2012_config.yaml at eab643f',
  config: mindsporeLinear('resnet18'),
}
