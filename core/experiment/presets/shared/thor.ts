/** ResNet-50 with THOR, as MindSpore's recipes train it: batches of 256 on eight devices. */
import { mindsporeData, mindsporeLoss } from './mindspore.ts'

export interface ThorRecipe {
  readonly learningRate: number
  readonly power: number
  readonly endEpoch: number
  readonly dampingInit: number
  readonly dampingDecay: number
  readonly epochs: number
}

export function thorRecipe({ epochs, dampingInit, dampingDecay, ...rate }: ThorRecipe) {
  return {
    model: {
      name: 'resnet50',
      options: { form: 'mindspore', zeroInitLastGamma: true, convInit: 'he-uniform' },
    },
    loss: mindsporeLoss,
    optimizer: {
      name: 'thor',
      options: { momentum: 0.9, dampingInit, dampingDecay, frequency: 834, weightDecay: 5e-4 },
    },
    schedule: { name: 'mindspore-thor', options: { ...rate, halvings: [39, 40] } },
    ...mindsporeData,
    training: { epochs, batchSize: 256 },
  } as const
}
