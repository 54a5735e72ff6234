/**
 * The shape of a run's configuration. Everything about a field stands here once: type, range, default, title, explanation and
 * unit. The form, the YAML file, `--set`, the JSON Schema and every error message come from it.
 */
import { z } from 'zod'
import { integer, oneOf, real, section } from './fieldTypes.ts'
import { MixingInput } from './mixing.ts'
import { PrecisionInput } from './precision.ts'
import { StartInput } from './startFields.ts'
import { TrainingInput } from './trainingFields.ts'

/** Families whose entries a configuration chooses from. */
export type ChoiceFamily = 'model' | 'loss' | 'optimizer' | 'schedule' | 'sampler' | 'transform'

/** Names of the backends a configuration may ask for. */
export const backendNames = ['auto', 'torch', 'wasm', 'cpu', 'webgpu', 'tensorflow'] as const

const imagenetMean = [0.485, 0.456, 0.406]
const imagenetStd = [0.229, 0.224, 0.225]

/** The configuration as it may be written: defaults may be left out, options of entries are checked apart. */
export const RunConfigInput = z.strictObject({
  version: z
    .literal(1)
    .default(1)
    .meta({ title: 'Version', description: 'Version of the configuration format' }),
  model: choice('model', 'Model', 'The network to train'),
  loss: choice('loss', 'Loss', 'What training makes small').default({ name: 'cross-entropy' }),
  optimizer: choice('optimizer', 'Optimizer', 'How gradients change the weights').default({ name: 'sgd' }),
  schedule: choice('schedule', 'Learning-rate schedule', 'The learning rate over the run').default({
    name: 'cosine',
  }),
  sampler: choice('sampler', 'Sampler', 'Which images come when in training').default({ name: 'shuffled' }),
  input: section('Input', 'What the network is given', {
    size: integer(8, 1024, 224, 'Image size', 'Height and width of the network input', 'pixels'),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(3)
      .meta({ title: 'Channels', description: '3 for colour, 1 for grey' }),
    mean: perChannel(
      z.number().min(0).max(1),
      imagenetMean,
      'Mean',
      'Subtracted from each channel, on the scale 0 to 1',
    ),
    std: perChannel(
      z.number().min(1e-3).max(10),
      imagenetStd,
      'Standard deviation',
      'Each channel is divided by it, on the scale 0 to 1',
    ),
  }),
  transforms: section('Transforms', 'Steps from a decoded image to the network input', {
    train: choices('Training', 'Random changes of training images, in order'),
    eval: choices('Evaluation', 'What is done to images that are evaluated, in order'),
  }),
  data: section('Data', 'How images are read', {
    validationFraction: real(
      0.01,
      0.5,
      0.1,
      'Validation share',
      'Share of train held out where a data set has neither val nor test',
    ),
    decodeThreads: integer(
      0,
      64,
      2,
      'Decode threads',
      'Threads that read and augment images; 0 uses the training thread. The result does not depend on it',
    ),
    prefetchBatches: integer(1, 64, 4, 'Prefetch', 'Batches made ready ahead of training', 'batches'),
    maxBadFraction: real(
      0,
      1,
      0.01,
      'Tolerated bad images',
      'The run fails when a larger share of the images cannot be decoded. A single one is left out in any case, unless this is 0',
    ),
  }),
  mixing: MixingInput,
  training: TrainingInput,
  start: StartInput,
  precision: PrecisionInput,
  checkpoints: section('Checkpoints', 'When the run is saved, and what is kept. The newest is always kept', {
    everyEpochs: integer(
      1,
      10_000,
      1,
      'Save every',
      'Epochs between checkpoints; always after the last epoch',
      'epochs',
    ),
    everySteps: integer(
      0,
      1_000_000,
      0,
      'Save every (steps)',
      'Steps between additional checkpoints within an epoch; 0 for none',
      'steps',
    ),
    keepLast: integer(
      1,
      1000,
      3,
      'Keep newest',
      'How many of the newest checkpoints are kept',
      'checkpoints',
    ),
    keepBest: integer(0, 100, 1, 'Keep best', 'How many of the best are kept', 'checkpoints'),
    bestBy: oneOf(
      ['top1', 'loss'],
      'top1',
      'Best by',
      'Which figure of the validation says which checkpoint is best',
    ),
    keepEveryEpochs: integer(
      0,
      10_000,
      0,
      'Keep every',
      'Checkpoints at multiples of this epoch are kept for good; 0 for none',
      'epochs',
    ),
  }),
  backend: z.enum(backendNames).default('auto').meta({
    title: 'Backend',
    description: 'What computes: auto takes the fastest that works on this machine',
  }),
  device: z
    .string()
    .refine(value => /^(auto|cpu|cuda(:\d{1,3})?)$/.test(value), 'expected auto, cpu, cuda or cuda:N')
    .default('auto')
    .meta({
      title: 'Device',
      description:
        'What the backend torch computes on: auto takes a GPU where libtorch has one; cpu, cuda, or cuda:N for one of several',
    }),
})

/** A configuration whose defaults are filled in and whose choices are not yet resolved. */
export type ParsedConfig = z.output<typeof RunConfigInput>

function choiceShape(title: string): z.ZodObject<{
  name: z.ZodString
  version: z.ZodOptional<z.ZodInt>
  options: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>
}> {
  return z.strictObject({
    name: z.string().min(1).meta({ title }),
    version: z.int().min(1).optional().meta({ title: 'Version of the options' }),
    options: z.record(z.string(), z.unknown()).optional().meta({ title: 'Options' }),
  })
}

function choice(family: ChoiceFamily, title: string, description: string): ReturnType<typeof choiceShape> {
  return choiceShape(title).meta({ title, description, family })
}

function choices(
  title: string,
  description: string,
): z.ZodDefault<z.ZodArray<ReturnType<typeof choiceShape>>> {
  const step = choice('transform', 'Transform', 'One step')
  return z
    .array(step)
    .max(20)
    .default([{ name: 'resize-exact' }])
    .meta({ title, description })
}

function perChannel(
  element: z.ZodNumber,
  fallback: readonly number[],
  title: string,
  description: string,
): z.ZodDefault<z.ZodArray<z.ZodNumber>> {
  return z
    .array(element)
    .min(1)
    .max(3)
    .default([...fallback])
    .meta({ title, description })
}
