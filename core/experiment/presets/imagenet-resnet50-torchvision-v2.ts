/** ImageNet, ResNet-50 (torchvision, second weights). */
import { imagenetInput } from './shared/imagenet.ts'
import type { Preset } from './shared/preset.ts'

export const imagenetResnet50TorchvisionV2: Preset = {
  name: 'imagenet-resnet50-torchvision-v2',
  title: 'ImageNet, ResNet-50 (torchvision, second weights)',
  summary:
    '600 epochs with TrivialAugment, mixup, CutMix, erasing, repeated augmentation and an average of the weights, at 176 pixels: 80.86 % top-1 at 224. Validation here is at 176; evaluate --size 224 repeats theirs.',
  source: 'pytorch/vision references/classification, IMAGENET1K_V2 of ResNet-50',
  config: {
    model: { name: 'resnet50' },
    loss: { name: 'cross-entropy', options: { labelSmoothing: 0.1 } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 2e-5, noDecay: 'bn-and-bias' } },
    schedule: { name: 'cosine', options: { learningRate: 0.5, warmupEpochs: 5, warmupStart: 0.005 } },
    sampler: { name: 'distributed-repeats', options: { repeats: 4 } },
    input: { ...imagenetInput, size: 176 },
    transforms: {
      train: [
        { name: 'random-resized-crop' },
        { name: 'horizontal-flip' },
        { name: 'trivial-augment', options: { interpolation: 'bilinear' } },
      ],
      eval: [{ name: 'resize', options: { shorterSide: 232 } }, { name: 'center-crop' }],
    },
    mixing: { mixupAlpha: 0.2, cutmixAlpha: 1, erasing: { probability: 0.1, mode: 'zero' } },
    data: { decodeThreads: 8 },
    // Averaged every 32 steps with 1 - (1 - 0.99998)·1024·32/600.
    training: { epochs: 600, batchSize: 1024, ema: { decay: 0.99890773, everySteps: 32, warmup: false } },
  },
}
