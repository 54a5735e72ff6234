/** ImageNet, Inception-v4 (Ascend recipe). */
import { ascendInception } from './shared/inception.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetInceptionV4Ascend: Preset = {
  name: 'imagenet-inception-v4-ascend',
  title: 'ImageNet, Inception-v4 (Ascend recipe)',
  summary:
    "100 epochs of RMSProp on one device of 128 images: the original's code, which leaves the auxiliary head untrained and always changes brightness before saturation.",
  source: 'Ascend ModelZoo-TensorFlow, InceptionV4_ID0002_for_TensorFlow, scripts/train_1p.sh',
  config: ascendInception(128),
}
