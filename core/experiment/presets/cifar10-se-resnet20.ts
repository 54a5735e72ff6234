/** CIFAR-10, SE-ResNet-20. */
import { cifarInput, cifarTraining, cifarTransforms } from './shared/cifar.ts'
import type { Preset } from './shared/preset.ts'

export const cifar10SeResnet20: Preset = {
  name: 'cifar10-se-resnet20',
  title: 'CIFAR-10, SE-ResNet-20',
  summary: 'The recipe of He et al. with squeeze and excitation in every block.',
  source: 'He et al. 2015, section 4.2; Hu et al. 2018, section 6.1',
  config: {
    model: { name: 'cifar-resnet20', options: { squeezeExcitation: true } },
    input: cifarInput,
    transforms: cifarTransforms,
    ...cifarTraining,
  },
}
