/** ImageNet, Inception-v4 (Ascend recipe, eight devices). */
import { ascendInception } from './shared/inception.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetInceptionV4Ascend8p: Preset = {
  name: 'imagenet-inception-v4-ascend-8p',
  title: 'ImageNet, Inception-v4 (Ascend recipe, eight devices)',
  summary: '100 epochs of RMSProp on eight devices of 64 images, with the learning rate of one.',
  source: 'Ascend ModelZoo-TensorFlow, InceptionV4_ID0002_for_TensorFlow, scripts/train_8p.sh',
  config: ascendInception(512),
}
