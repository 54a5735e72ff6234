/** CIFAR ResNet-110. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet110 = entry({
  name: 'cifar-resnet110',
  title: 'CIFAR ResNet-110',
  summary: '110 layers for small images (28 to 64 pixels), 1.7 million parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet110', blocksPerStage: cifarPlans['cifar-resnet110'] }, options),
})
