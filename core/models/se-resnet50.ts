/** SE-ResNet-50. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const seResnet50 = entry({
  name: 'se-resnet50',
  title: 'SE-ResNet-50',
  summary:
    'ResNet-50 with squeeze and excitation in every block, reduction 16; 28.1 million parameters with 1000 classes; timm names.',
  source: 'Hu et al. 2018, Squeeze-and-Excitation Networks; timm seresnet50',
  options: resnetOptions,
  create: options => resnet(resnetPlans['se-resnet50'], options),
})
