/** ResNet-50 on ImageNet as PyTorch's example trains it. */
import { pytorchExample } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50: Preset = {
  ...pytorchExample,
  name: 'imagenet-resnet50',
  title: 'ImageNet, ResNet-50',
  config: { model: { name: 'resnet50' }, ...pytorchExample.config },
}
