/** CIFAR ResNet-56. */
import { entry } from '../registry/registry.ts'
import { cifarPlans } from './shared/backbones.ts'
import { cifarResnet, cifarResnetOptions } from './shared/cifar-resnet.ts'

export const cifarResnet56 = entry({
  name: 'cifar-resnet56',
  title: 'CIFAR ResNet-56',
  summary: '56 layers for small images (28 to 64 pixels), 0.85 million parameters at width 16.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2',
  options: cifarResnetOptions,
  create: options =>
    cifarResnet({ name: 'cifar-resnet56', blocksPerStage: cifarPlans['cifar-resnet56'] }, options),
})
