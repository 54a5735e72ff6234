/** What the recipes of Inception-v4 share. */

/** 299 pixels, from -1 to 1. */
export const inceptionInput = { size: 299, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const

/** TensorFlow's RMSProp as slim sets it. */
export function inceptionRmsprop(weightDecay: number) {
  return { name: 'rmsprop-tf', options: { decay: 0.9, momentum: 0.9, epsilon: 1, weightDecay } } as const
}

/** Distorted crop, flip and colours; the middle 87.5 % in evaluation. */
export function inceptionTransforms(colours: string) {
  return {
    train: [
      { name: 'distorted-crop', options: { resizing: 'bilinear' } },
      { name: 'horizontal-flip' },
      { name: 'inception-colour', options: { mode: colours } },
    ],
    eval: [{ name: 'central-crop', options: { fraction: 0.875 } }],
  } as const
}

/** The original's code on Ascend: it builds the auxiliary head and gives it no loss, and always changes brightness before saturation. */
export function ascendInception(batchSize: number) {
  return {
    model: { name: 'inception-v4', options: { form: 'slim' } },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1, auxiliaryWeight: 0 } },
    optimizer: inceptionRmsprop(1e-5),
    schedule: { name: 'ascend-inception-cosine', options: { learningRate: 0.045, endEpoch: 100 } },
    input: inceptionInput,
    transforms: inceptionTransforms('fixed'),
    data: { decodeThreads: 4 },
    training: { epochs: 100, batchSize, evaluateEveryEpochs: 5, logEverySteps: 100, logFormat: 'slim' },
    checkpoints: { keepLast: 5 },
  } as const
}
