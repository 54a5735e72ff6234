/** MultiGrain (MindSpore code). */
import { mindsporeData } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const multigrainSeedCompat: Preset = {
  name: 'multigrain-seed-compat',
  title: 'MultiGrain (MindSpore code)',
  summary:
    "What the MindSpore project's code does: a plain ResNet-50 with THOR and cross-entropy without smoothing, as its triplet loss has the weight zero and its pooling comes after the mean. Eight devices of 30 images.",
  source: 'MCH1997/multigrain at 19220b5, src and config/resnet50_imagenet2012_Ascend_Thor_config.yaml',
  config: {
    model: {
      name: 'resnet50',
      options: { form: 'mindspore', zeroInitLastGamma: true, convInit: 'he-uniform' },
    },
    loss: { name: 'cross-entropy' },
    optimizer: {
      name: 'thor',
      options: { momentum: 0.9, dampingInit: 0.03, dampingDecay: 0.87, frequency: 2, weightDecay: 5e-4 },
    },
    schedule: {
      name: 'mindspore-thor',
      options: { learningRate: 0.045, power: 6, endEpoch: 70, halvings: [39, 40] },
    },
    ...mindsporeData,
    training: { epochs: 45, batchSize: 240, logFormat: 'mindspore' },
    checkpoints: { everyEpochs: 5, keepLast: 10 },
  },
}
