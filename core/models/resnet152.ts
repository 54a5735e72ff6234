/** ResNet-152. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const resnet152 = entry({
  name: 'resnet152',
  title: 'ResNet-152',
  summary:
    '152 layers of bottleneck residual blocks, 60.2 million parameters with 1000 classes; torchvision layout and names.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition; torchvision.models.resnet152',
  options: resnetOptions,
  create: options => resnet(resnetPlans.resnet152, options),
})
