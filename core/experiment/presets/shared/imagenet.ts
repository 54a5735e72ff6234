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

/** A network as pytorch/examples trains it on ImageNet, with the example's defaults. */
export const pytorchExample = {
  summary:
    "PyTorch's ImageNet example with its defaults: 90 epochs, learning rate 0.1 divided by 10 every 30.",
  source: 'pytorch/examples, imagenet/main.py at 49e1a88',
  config: {
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } },
    schedule: { name: 'step', options: { learningRate: 0.1, everyEpochs: 30, factor: 0.1 } },
    input: imagenetInput,
    transforms: imagenetTransforms,
    data: { decodeThreads: 4 },
    training: { epochs: 90, batchSize: 256, logEverySteps: 10 },
  },
} as const
