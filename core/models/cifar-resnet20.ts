/** CIFAR ResNet-20. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet20 = entry({
  name: 'cifar-resnet20',
  title: 'CIFAR ResNet-20',
  summary: '20 layers for small images (28 to 64 pixels), 0.27 million parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet20', blocksPerStage: cifarPlans['cifar-resnet20'] }, options),
})
