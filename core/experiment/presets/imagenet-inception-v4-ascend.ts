/** ImageNet, Inception-v4 (Ascend recipe). */
import { inceptionInput, inceptionRmsprop, inceptionTransforms } from './shared/inception.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetInceptionV4Ascend: Preset = {
  name: 'imagenet-inception-v4-ascend',
  title: 'ImageNet, Inception-v4 (Ascend recipe)',
  summary:
    "100 epochs of RMSProp on one device of 128 images: the original's code, which leaves the auxiliary head untrained and always changes brightness before saturation.",
  source: 'Ascend ModelZoo-TensorFlow, InceptionV4_ID0002_for_TensorFlow, scripts/train_1p.sh',
  config: {
    // The original builds the auxiliary head and gives it no loss.
    model: { name: 'inception-v4', options: { form: 'slim' } },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1, auxiliaryWeight: 0 } },
    optimizer: inceptionRmsprop(1e-5),
    schedule: { name: 'ascend-inception-cosine', options: { learningRate: 0.045, endEpoch: 100 } },
    input: inceptionInput,
    transforms: inceptionTransforms('fixed'),
    data: { decodeThreads: 4 },
    training: { epochs: 100, batchSize: 128, evaluateEveryEpochs: 5, logEverySteps: 100, logFormat: 'slim' },
    checkpoints: { keepLast: 5 },
  },
}
