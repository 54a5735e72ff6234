/** ImageNet, ResNet-50 with THOR (GPU recipe). */
import { thorRecipe } from './shared/thor.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50ThorGpu: Preset = {
  name: 'imagenet-resnet50-thor-gpu',
  title: 'ImageNet, ResNet-50 with THOR (GPU recipe)',
  summary: '40 epochs; curvature is measured six times an epoch. Reports 75.97 % top-1.',
  source: 'mindspore-ai/models r1.5, official/cv/resnet_thor; GPU values',
  config: thorRecipe({
    learningRate: 0.05672,
    power: 4.9687,
    endEpoch: 50,
    dampingInit: 0.02345,
    dampingDecay: 0.5467,
    epochs: 40,
  }),
}
