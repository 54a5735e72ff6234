/** The first thing to try: a small ResNet on the digits that come with the workbench. */
import type { Preset } from './shared/preset.ts'

export const sample: Preset = {
  name: 'sample',
  title: 'Sample: digits in minutes',
  summary: 'A residual network of 8 layers on 28 × 28 grey digits; 98 % in one to two minutes on two cores.',
  source:
    'Network and augmentation after He et al. 2015, section 4.2; length and learning rate chosen for a laptop',
  config: {
    model: { name: 'cifar-resnet8' },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
    schedule: { name: 'cosine', options: { learningRate: 0.1, warmupEpochs: 0.5 } },
    input: { size: 28, channels: 1, mean: [0.1307], std: [0.3081] },
    transforms: {
      train: [{ name: 'pad-and-crop', options: { padding: 2 } }],
      eval: [{ name: 'resize-exact' }],
    },
    data: { decodeThreads: 1 },
    training: { epochs: 5, batchSize: 64, evaluationBatchSize: 250, logEverySteps: 10 },
  },
}
