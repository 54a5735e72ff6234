/** ResNet-20 on CIFAR-10 as in the paper. */
import { cifarInput, cifarTraining, cifarTransforms } from './shared/cifar.ts'
import type { Preset } from './shared/preset.ts'

export const cifar10Resnet20: Preset = {
  name: 'cifar10-resnet20',
  title: 'CIFAR-10, ResNet-20',
  summary: 'The CIFAR experiment of the ResNet paper; it reports 91.25 % test top-1.',
  source: 'He et al. 2015, Deep Residual Learning for Image Recognition, section 4.2 and table 6',
  config: {
    model: { name: 'cifar-resnet20' },
    input: cifarInput,
    transforms: cifarTransforms,
    ...cifarTraining,
  },
}
