/** What every ImageNet recipe here shares: input and transforms of pytorch/examples, which MindSpore's recipes use as well. */

/** 224 pixels; mean and standard deviation of ImageNet. */
export const imagenetInput = {
  size: 224,
  channels: 3,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const

/** Random resized crop and flip; shorter side 256 and centre crop. */
export const imagenetTransforms = {
  train: [{ name: 'random-resized-crop' }, { name: 'horizontal-flip' }],
  eval: [{ name: 'resize', options: { shorterSide: 256 } }, { name: 'center-crop' }],
} as const
