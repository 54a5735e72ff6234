/** CIFAR ResNet-44. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet44 = entry({
  name: 'cifar-resnet44',
  title: 'CIFAR ResNet-44',
  summary: '44 layers for small images (28 to 64 pixels), 0.66 million parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet44', blocksPerStage: cifarPlans['cifar-resnet44'] }, options),
})
