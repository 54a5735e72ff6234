/** ResNet-50 after procedure A2. */
import { strikesBack } from './shared/strikesBack.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50A2: Preset = {
  name: 'imagenet-resnet50-a2',
  title: 'ImageNet, ResNet-50 (A2)',
  summary: '300 epochs; the paper reports 79.8 % top-1.',
  source: 'Wightman et al. 2021, ResNet strikes back, table 2',
  config: strikesBack({
    ...{ epochs: 300, size: 224, learningRate: 5e-3, weightDecay: 0.02, magnitude: 7, mixupAlpha: 0.1 },
    ...{ labelSmoothing: 0, dropPath: 0.05, repeats: true },
  }),
}
