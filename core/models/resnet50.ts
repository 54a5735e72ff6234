/** ResNet-50. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const resnet50 = entry({
  name: 'resnet50',
  title: 'ResNet-50',
  summary:
    '50 layers of bottleneck residual blocks, 25.6 million parameters with 1000 classes; torchvision layout and names.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition; torchvision.models.resnet50',
  options: resnetOptions,
  create: options => resnet(resnetPlans.resnet50, options),
})
