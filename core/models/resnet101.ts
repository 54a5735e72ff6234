/** ResNet-101. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const resnet101 = entry({
  name: 'resnet101',
  title: 'ResNet-101',
  summary:
    '101 layers of bottleneck residual blocks, 44.5 million parameters with 1000 classes; torchvision layout and names.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition; torchvision.models.resnet101',
  options: resnetOptions,
  create: options => resnet(resnetPlans.resnet101, options),
})
