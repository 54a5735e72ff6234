/** ImageNet, Inception-v4 (Ascend recipe, eight devices). */
import { inceptionInput, inceptionRmsprop, inceptionTransforms } from './shared/inception.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetInceptionV4Ascend8p: Preset = {
  name: 'imagenet-inception-v4-ascend-8p',
  title: 'ImageNet, Inception-v4 (Ascend recipe, eight devices)',
  summary: '100 epochs of RMSProp on eight devices of 64 images, with the learning rate of one.',
  source: 'Ascend ModelZoo-TensorFlow, InceptionV4_ID0002_for_TensorFlow, scripts/train_8p.sh',
  config: {
    // The original builds the auxiliary head and gives it no loss.
    model: { name: 'inception-v4', options: { form: 'slim' } },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1, auxiliaryWeight: 0 } },
    optimizer: inceptionRmsprop(1e-5),
    schedule: { name: 'ascend-inception-cosine', options: { learningRate: 0.045, endEpoch: 100 } },
    input: inceptionInput,
    transforms: inceptionTransforms('fixed'),
    data: { decodeThreads: 4 },
    training: { epochs: 100, batchSize: 512, evaluateEveryEpochs: 5, logEverySteps: 100, logFormat: 'slim' },
    checkpoints: { keepLast: 5 },
  },
}
