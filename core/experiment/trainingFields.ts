/** Length and rhythm of a run, and how its steps are taken. */
import { z } from 'zod'
import { flag, integer, oneOf, patterns, real, section, unless } from './fieldTypes.ts'

/** Names of the ways to write the log. */
export const logFormats = ['multigrain', 'mindspore', 'pytorch', 'slim'] as const

const Clip = section('Gradient clipping', 'Keeps a single step from going too far', {
  mode: oneOf(
    ['none', 'norm', 'value', 'agc'],
    'none',
    'Mode',
    'norm: all gradients are made shorter together when their norm is above the limit; value: each number is cut at ± the limit; ' +
      'agc: each output unit against the norm of its weights (Brock et al. 2021)',
  ),
  limit: unless(
    'mode',
    ['none'],
    z.number().gt(0).max(1e6).default(1).meta({
      title: 'Limit',
      description: 'Norm, value, or for agc the ratio of gradient to weight, such as 0.01',
    }),
  ),
})

const Average = section(
  'Average of the weights',
  'A moving average, often better than the weights themselves',
  {
    decay: z.number().min(0).lt(1).default(0).meta({
      title: 'Decay',
      description: 'Share of the average that stays at each update, such as 0.9998; 0 keeps no average',
    }),
    everySteps: unless(
      'decay',
      [0],
      integer(1, 10_000, 1, 'Update every', 'Steps between updates of the average', 'steps'),
    ),
    warmup: unless(
      'decay',
      [0],
      flag(true, 'Warm-up', 'Begin with a smaller decay, 1 − (1 + updates)^(−2/3)'),
    ),
    evaluate: unless(
      'decay',
      [0],
      flag(true, 'Validate the average', 'Validate the average instead of the weights'),
    ),
  },
)

const EarlyStopping = section('Early stopping', 'Ends a run that no longer gets better', {
  patienceEpochs: integer(
    0,
    10_000,
    0,
    'Patience',
    'Epochs without a better validation after which the run ends; 0 never ends it early',
    'epochs',
  ),
  minChange: unless(
    'patienceEpochs',
    [0],
    real(0, 1000, 0, 'Least change', 'What a better figure must be better by'),
  ),
})

const Group = z.strictObject({
  match: z.string().min(1).max(200).meta({
    title: 'Parameters',
    description: 'A parameter, a layer or a pattern: fc, layer1.*, *.bias',
  }),
  learningRateFactor: z
    .number()
    .min(0)
    .max(1e4)
    .default(1)
    .meta({ title: 'Learning rate', description: 'Times that of the run' }),
  weightDecayFactor: z
    .number()
    .min(0)
    .max(1e4)
    .default(1)
    .meta({ title: 'Weight decay', description: 'Times that of the optimizer' }),
})

export const TrainingInput = section('Training', 'Length and rhythm of the run', {
  mode: oneOf(
    ['train-and-evaluate', 'train'],
    'train-and-evaluate',
    'Mode',
    'train-and-evaluate: validate every so many epochs; train: never validate',
  ),
  epochs: integer(1, 10_000, 90, 'Epochs', 'Passes over the training images', 'epochs'),
  maxSteps: integer(
    0,
    1_000_000_000,
    0,
    'Most steps',
    'The run ends after so many steps, whatever its epochs; the schedule stays that of the epochs. 0 for no limit',
    'steps',
  ),
  batchSize: integer(1, 4096, 32, 'Batch size', 'Images per step, of all ranks together', 'images'),
  accumulate: integer(
    1,
    256,
    1,
    'Accumulate',
    'Each batch is computed in so many parts, whose gradients are averaged: large batches in little memory. Batch norm sees the parts',
    'parts',
  ),
  ranks: integer(
    1,
    64,
    1,
    'Ranks',
    'Processes of this machine that share each batch: one for each GPU, or for parts of the processor. Backend torch only',
  ),
  synchroniseBatchNorm: unless(
    'ranks',
    [1],
    flag(
      false,
      'Synchronise batch norm',
      'Batch norm uses the statistics of the images of all ranks instead of its own: slower, and better for few images per rank',
    ),
  ),
  scaleLearningRate: oneOf(
    ['none', 'linear', 'sqrt'],
    'none',
    'Scale learning rate',
    'Multiply the learning rate by batch size ÷ reference, or its square root, as recipes for one batch size are carried to another',
  ),
  referenceBatchSize: unless(
    'scaleLearningRate',
    ['none'],
    integer(1, 65_536, 256, 'Reference batch size', 'For which the learning rate is meant', 'images'),
  ),
  scheduleUnit: oneOf(
    ['step', 'epoch'],
    'step',
    'Schedule moves',
    'step: the learning rate changes with every step; epoch: it stays as it is during an epoch',
  ),
  seed: integer(0, 2 ** 31 - 1, 0, 'Seed', 'Fixes initial weights, order and augmentation'),
  freeze: patterns(
    'Freeze',
    'Layers that are not trained: names or patterns such as conv1, layer1.*. Their running statistics stay as they are too',
  ),
  groups: z.array(Group).max(50).default([]).meta({
    title: 'Rate groups',
    description:
      'Parameters with a learning rate or weight decay of their own; of several that match, the last counts',
  }),
  layerDecay: z.number().gt(0).max(1).default(1).meta({
    title: 'Layer decay',
    description:
      'The learning rate of each block is that of the next deeper one times this; 1 for the same everywhere',
  }),
  clip: Clip,
  ema: Average,
  earlyStopping: EarlyStopping,
  evaluateEveryEpochs: unless(
    'mode',
    ['train'],
    integer(
      1,
      10_000,
      1,
      'Evaluate every',
      'How often the validation images are evaluated; always after the last epoch',
      'epochs',
    ),
  ),
  evaluationBatchSize: z.int().min(1).max(4096).optional().meta({
    title: 'Evaluation batch size',
    description: 'Images per step of an evaluation; as in training when left out',
    unit: 'images',
  }),
  logEverySteps: integer(1, 100_000, 20, 'Log every', 'How often a line is written to the log', 'steps'),
  logFormat: oneOf(
    logFormats,
    'multigrain',
    'Log format',
    'Whose lines the log has: ours, or those of an original',
  ),
  nanPolicy: oneOf(
    ['stop', 'skip', 'roll-back'],
    'stop',
    'When the loss is not finite',
    'stop: end the run; skip: leave out that step; roll-back: return to the newest checkpoint',
  ),
})
