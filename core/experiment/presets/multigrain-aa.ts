/** MultiGrain with AutoAugment. */
import { multigrainConfig } from './shared/multigrain.ts'
import type { Preset } from './shared/preset.ts'

export const multigrainAa: Preset = {
  name: 'multigrain-aa',
  title: 'MultiGrain with AutoAugment',
  summary:
    'As the preset multigrain with AutoAugment in place of colour jitter; the paper reports 78.2 % top-1 at 224 pixels.',
  source: 'Berman et al. 2019, MultiGrain, table 2; facebookresearch/multigrain at 172bb2a',
  config: multigrainConfig({ name: 'auto-augment', options: { policy: 'imagenet' } }),
}
