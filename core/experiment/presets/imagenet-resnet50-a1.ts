/** ResNet-50 after procedure A1. */
import { strikesBack } from './shared/strikesBack.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50A1: Preset = {
  name: 'imagenet-resnet50-a1',
  title: 'ImageNet, ResNet-50 (A1)',
  summary: '600 epochs; the paper reports 80.4 % top-1.',
  source: 'Wightman et al. 2021, ResNet strikes back, table 2',
  config: strikesBack({
    ...{ epochs: 600, size: 224, learningRate: 5e-3, weightDecay: 0.01, magnitude: 7, mixupAlpha: 0.2 },
    ...{ labelSmoothing: 0.1, dropPath: 0.05, repeats: true },
  }),
}
