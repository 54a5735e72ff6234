/** ResNet-18. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const resnet18 = entry({
  name: 'resnet18',
  title: 'ResNet-18',
  summary:
    '18 layers of basic residual blocks, 11.7 million parameters with 1000 classes; torchvision layout and names.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition; torchvision.models.resnet18',
  options: resnetOptions,
  create: options => resnet(resnetPlans.resnet18, options),
})
