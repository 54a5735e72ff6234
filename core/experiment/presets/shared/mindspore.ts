/** What MindSpore's ResNet recipes share. Learning rates are those for eight devices, scaled to one. */
import { imagenetInput, imagenetTransforms } from './imagenet.ts'

/** Label smoothing 0.1, the rest over the other classes. */
export const mindsporeLoss = {
  name: 'cross-entropy',
  options: { labelSmoothing: 0.1, smoothing: 'other-classes' },
} as const

/** Momentum 0.9; scales, shifts and biases are not decayed. */
export const mindsporeSgd = {
  name: 'sgd',
  options: { momentum: 0.9, weightDecay: 1e-4, noDecay: 'bn-and-bias' },
} as const

export const mindsporeData = {
  input: imagenetInput,
  transforms: imagenetTransforms,
  data: { decodeThreads: 4 },
} as const

/** ResNet-18, 34 and 50: 90 epochs, 0 to 0.1 in two epochs, then down in a straight line. */
export function mindsporeLinear(model: string) {
  return {
    model: { name: model, options: { form: 'mindspore' } },
    loss: mindsporeLoss,
    optimizer: mindsporeSgd,
    schedule: {
      name: 'mindspore-linear',
      options: { learningRate: 0.1, initialLearningRate: 0, finalLearningRate: 0, warmupEpochs: 2 },
    },
    ...mindsporeData,
    training: { epochs: 90, batchSize: 256 },
  } as const
}
