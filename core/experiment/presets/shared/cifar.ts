/** What the CIFAR recipes share: He et al. 2015, section 4.2. */

/** 32 pixels; channel means and standard deviations of the CIFAR-10 training images. */
export const cifarInput = {
  size: 32,
  channels: 3,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
} as const

/** Four pixels of padding, a random 32 × 32 crop, and flip; nothing in evaluation. */
export const cifarTransforms = {
  train: [{ name: 'pad-and-crop', options: { padding: 4 } }, { name: 'horizontal-flip' }],
  eval: [{ name: 'resize-exact' }],
} as const

/**
 * Batches of 128, learning rate 0.1 divided by 10 after 32,000 and 48,000 of 64,000 steps; of the 50,000 images these are epochs 82,
 * 123 and 164.
 */
export const cifarTraining = {
  optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
  schedule: { name: 'multi-step', options: { learningRate: 0.1, milestones: [82, 123], factor: 0.1 } },
  training: { epochs: 164, batchSize: 128, evaluationBatchSize: 256, logEverySteps: 50 },
} as const
