/** MultiGrain, as the paper trains it. */
import { multigrainConfig } from './shared/multigrain.ts'
import type { Preset } from './shared/preset.ts'

export const multigrain: Preset = {
  name: 'multigrain',
  title: 'MultiGrain',
  summary:
    'ResNet-50 with GeM pooling on ImageNet: half cross-entropy, half margin loss on copies of the same image. The paper reports 77.4 % top-1 at 224 pixels, and 78.6 % at 500 with p = 4 (evaluate --size 500 --resize rect --p 4).',
  source: 'Berman et al. 2019, MultiGrain; facebookresearch/multigrain at 172bb2a',
  config: multigrainConfig({
    name: 'color-jitter',
    options: { brightness: 0.3, contrast: 0.3, saturation: 0.3 },
  }),
}
