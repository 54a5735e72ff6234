/** CIFAR ResNet-8. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet8 = entry({
  name: 'cifar-resnet8',
  title: 'CIFAR ResNet-8',
  summary: '8 layers for small images (28 to 64 pixels), 75 thousand parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet8', blocksPerStage: cifarPlans['cifar-resnet8'] }, options),
})
