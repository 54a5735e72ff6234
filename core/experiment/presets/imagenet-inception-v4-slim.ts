/** ImageNet, Inception-v4 (TF-slim). */
import { inceptionInput, inceptionRmsprop, inceptionTransforms } from './shared/inception.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetInceptionV4Slim: Preset = {
  name: 'imagenet-inception-v4-slim',
  title: 'ImageNet, Inception-v4 (TF-slim)',
  summary:
    "TF-slim's defaults: RMSProp, the rate times 0.94 every two epochs, auxiliary head with weight 0.4, full colour distortion. slim sets no length; 100 epochs here.",
  source: 'tensorflow/models, research/slim, train_image_classifier.py',
  config: {
    model: { name: 'inception-v4', options: { form: 'slim' } },
    loss: { name: 'cross-entropy', options: { auxiliaryWeight: 0.4 } },
    optimizer: inceptionRmsprop(4e-5),
    schedule: { name: 'slim-exponential', options: { learningRate: 0.01, factor: 0.94, everyEpochs: 2 } },
    input: inceptionInput,
    transforms: inceptionTransforms('full'),
    data: { decodeThreads: 4 },
    training: { epochs: 100, batchSize: 32, logEverySteps: 10 },
  },
}
