/** ImageNet, ResNet-50 with THOR (Ascend recipe). */
import { thorRecipe } from './shared/thor.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50ThorAscend: Preset = {
  name: 'imagenet-resnet50-thor-ascend',
  title: 'ImageNet, ResNet-50 with THOR (Ascend recipe)',
  summary: '45 epochs; curvature is measured six times an epoch. Reports 76.14 % top-1.',
  source: 'mindspore-ai/models r1.5, official/cv/resnet_thor; Ascend values',
  config: thorRecipe({
    learningRate: 0.05803,
    power: 4.0839,
    endEpoch: 53,
    dampingInit: 0.03,
    dampingDecay: 0.50036,
    epochs: 45,
  }),
}
