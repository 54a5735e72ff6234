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
