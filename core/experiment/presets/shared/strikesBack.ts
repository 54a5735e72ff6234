/** The procedures of "ResNet strikes back": LAMB, binary cross-entropy, RandAugment, mixup and CutMix in batches of 2048. */
import { imagenetInput } from './imagenet.ts'

export interface Procedure {
  readonly epochs: number
  readonly size: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly magnitude: number
  readonly mixupAlpha: number
  readonly labelSmoothing: number
  readonly dropPath: number
  readonly repeats: boolean
}

export function strikesBack(procedure: Procedure) {
  const {
    epochs,
    size,
    learningRate,
    weightDecay,
    magnitude,
    mixupAlpha,
    labelSmoothing,
    dropPath,
    repeats,
  } = procedure
  return {
    model: { name: 'resnet50', options: { dropPath, zeroInitLastGamma: true } },
    loss: { name: 'binary-cross-entropy', options: { labelSmoothing } },
    optimizer: { name: 'lamb', options: { weightDecay, noDecay: 'bn-and-bias' } },
    schedule: {
      name: 'cosine',
      options: { learningRate, finalLearningRate: 1e-6, warmupEpochs: 5, warmupStart: 1e-4 },
    },
    ...(repeats ? { sampler: { name: 'distributed-repeats', options: { repeats: 3 } } } : {}),
    input: { ...imagenetInput, size },
    transforms: {
      train: [
        { name: 'random-resized-crop' },
        { name: 'horizontal-flip' },
        {
          name: 'rand-augment',
          options: { form: 'timm', numOps: 2, magnitude, magnitudeStd: 0.5, probability: 0.5 },
        },
      ],
      eval: [{ name: 'resize', options: { shorterSide: Math.floor(size / 0.95) } }, { name: 'center-crop' }],
    },
    mixing: { mixupAlpha, cutmixAlpha: 1 },
    data: { decodeThreads: 8 },
    training: { epochs, batchSize: 2048, clip: { mode: 'norm', limit: 1 } },
  }
}
