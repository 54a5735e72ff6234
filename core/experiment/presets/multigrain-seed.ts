/** MultiGrain (MindSpore description). */
import { mindsporeData } from './shared/mindspore.ts'
import type { Preset } from './shared/preset.ts'

export const multigrainSeed: Preset = {
  name: 'multigrain-seed',
  title: 'MultiGrain (MindSpore description)',
  summary:
    "What the MindSpore project's description says: THOR, GeM, cross-entropy with label smoothing and triplet loss, batches of 480. Its code does otherwise: see multigrain-seed-compat. Float32 here; the loss scale 1024 belongs to float16 (precision).",
  source: 'MCH1997/multigrain, README',
  config: {
    model: {
      name: 'multigrain',
      options: { backbone: 'resnet50', pooling: 'gem', gemPower: 3, zeroInitLastGamma: true },
    },
    loss: {
      name: 'multigrain',
      options: {
        ...{
          classWeight: 0.5,
          instanceLoss: 'triplet',
          instances: 'class',
          miner: 'batch-hard',
          margin: 0.1,
        },
        ...{ labelSmoothing: 0.1, smoothing: 'other-classes' },
      },
    },
    sampler: { name: 'm-per-class', options: { imagesPerClass: 2 } },
    optimizer: {
      name: 'thor',
      options: {
        momentum: 0.9,
        dampingInit: 0.02345,
        dampingDecay: 0.5467,
        frequency: 834,
        weightDecay: 1e-4,
      },
    },
    schedule: { name: 'mindspore-thor', options: { learningRate: 0.05672, power: 4.9687, endEpoch: 70 } },
    ...mindsporeData,
    training: { epochs: 50, batchSize: 480, logFormat: 'mindspore' },
    checkpoints: { everyEpochs: 5, keepLast: 10 },
  },
}
