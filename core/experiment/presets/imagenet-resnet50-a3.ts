/** ResNet-50 after procedure A3. */
import { strikesBack } from './shared/strikesBack.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50A3: Preset = {
  name: 'imagenet-resnet50-a3',
  title: 'ImageNet, ResNet-50 (A3)',
  summary: '100 epochs at 160 pixels; the paper reports 78.1 % top-1 at 224 (evaluate --size 224).',
  source: 'Wightman et al. 2021, ResNet strikes back, table 2',
  config: strikesBack({
    ...{ epochs: 100, size: 160, learningRate: 8e-3, weightDecay: 0.02, magnitude: 6, mixupAlpha: 0.1 },
    ...{ labelSmoothing: 0, dropPath: 0, repeats: false },
  }),
}
