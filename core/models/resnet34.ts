/** ResNet-34. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const resnet34 = entry({
  name: 'resnet34',
  title: 'ResNet-34',
  summary:
    '34 layers of basic residual blocks, 21.8 million parameters with 1000 classes; torchvision layout and names.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition; torchvision.models.resnet34',
  options: resnetOptions,
  create: options => resnet(resnetPlans.resnet34, options),
})
