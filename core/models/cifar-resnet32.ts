/** CIFAR ResNet-32. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet32 = entry({
  name: 'cifar-resnet32',
  title: 'CIFAR ResNet-32',
  summary: '32 layers for small images (28 to 64 pixels), 0.46 million parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet32', blocksPerStage: cifarPlans['cifar-resnet32'] }, options),
})
