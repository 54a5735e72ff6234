/** ResNet-18 on ImageNet as PyTorch's example trains it. */
import { pytorchExample } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet18: Preset = {
  ...pytorchExample,
  name: 'imagenet-resnet18',
  title: 'ImageNet, ResNet-18',
  config: { model: { name: 'resnet18' }, ...pytorchExample.config },
}
