/** Evaluations of checkpoints: by classification, or by retrieval. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { Empty, Failure, Id, Progress, SplitName } from './values.ts'

/** How a checkpoint is judged. What is null is as in the run's validation. */
export const EvaluationSettings = z.strictObject({
  kind: z.enum(['classification', 'retrieval']).default('classification').meta({ title: 'Kind' }),
  size: z.int().min(8).max(2048).nullable().default(null).meta({
    title: 'Image size',
    description: 'Side of the square, or the largest side',
    unit: 'pixels',
  }),
  resize: z.enum(['square', 'rect']).default('square').meta({
    title: 'Resize',
    description:
      "square: the run's own evaluation transforms; rect: the whole image, its largest side as given",
  }),
  crops: z
    .union([z.literal(1), z.literal(5), z.literal(10)])
    .default(1)
    .meta({ title: 'Crops', description: 'Parts of each image that are judged together' }),
  weights: z.enum(['raw', 'ema']).nullable().default(null).meta({
    title: 'Weights',
    description: 'Those of the last step, or their moving average',
  }),
  power: z
    .union([z.number().positive(), z.enum(['max', 'tune', 'grid'])])
    .nullable()
    .default(null)
    .meta({
      title: 'GeM power',
      description:
        'A number; max for the maximum; tune to train it on training images at this size; grid to take the best of ten on the very images that are judged',
    }),
  gallery: SplitName.nullable().default(null).meta({
    title: 'Gallery',
    description: 'Split that is searched, where it is not the one of the queries',
  }),
  whiten: SplitName.nullable().default(null).meta({
    title: 'Whitening',
    description: 'Split from which a PCA whitening is learned',
  }),
  queries: z.int().min(1).nullable().default(null).meta({
    title: 'Queries',
    description: 'At most so many, spread evenly; all when left out',
  }),
})
export type EvaluationSettings = z.output<typeof EvaluationSettings>

/** Fractions from 0 to 1, null where nothing could be measured. */
const Share = z.number().nullable()

/** Means over the queries of one difficulty. */
export const RetrievalFigures = z.strictObject({
  difficulty: z.enum(['easy', 'medium', 'hard']),
  /** By trapezoids, as revisitop and MultiGrain report it. */
  map: Share,
  /** Without interpolation. */
  plainMap: Share,
  mapAtR: Share,
  rPrecision: Share,
  precisionAt1: Share,
  reciprocalRank: Share,
  /** By k: 1, 5, 10. */
  precisionAt: z.record(z.string(), Share),
  /** revisitop's mP@k. */
  revisitedPrecisionAt: z.record(z.string(), Share),
  recallAt: z.record(z.string(), Share),
  /** UKBench's score, 0 to 4; null for other sets. */
  nisterStewenius: z.number().nullable(),
  queryCount: z.number(),
  emptyCount: z.number(),
})
export type RetrievalFigures = z.output<typeof RetrievalFigures>

export const Evaluation = z.strictObject({
  id: Id,
  checkpointId: Id,
  runId: Id,
  datasetId: Id,
  split: SplitName,
  settings: EvaluationSettings,
  status: z.enum(['queued', 'running', 'finished', 'failed', 'cancelled']),
  progress: Progress.nullable(),
  imageCount: z.number(),
  /** Fractions from 0 to 1; null for a retrieval. */
  top1: z.number().nullable(),
  top5: z.number().nullable(),
  loss: z.number().nullable(),
  /** Expected calibration error, 0 to 1. */
  calibrationError: z.number().nullable(),
  /** One for each difficulty; null for a classification. */
  retrieval: z.array(RetrievalFigures).nullable(),
  /** GeM's power where it was tuned or chosen. */
  power: z.number().nullable(),
  /** Images left out because they cannot be decoded. */
  skippedCount: z.number(),
  error: Failure.nullable(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
})
export type Evaluation = z.output<typeof Evaluation>

const NamedClass = z.strictObject({ label: z.number(), name: z.string() })

/** What an evaluation says in detail; the file it comes from has all of it. */
export const EvaluationReport = z.object({
  /** The whole report, as JSON. */
  path: z.string(),
  /** Every class, worst first. */
  classes: z.array(NamedClass.extend({ imageCount: z.number(), top1: Share })),
  /** Pairs that are taken for each other most often, 100 at most. */
  confusions: z.array(z.object({ truth: NamedClass, predicted: NamedClass, count: z.number() })),
  /** Images by the probability of their first class: how many, mean probability, share that is right. */
  calibration: z.array(
    z.object({ imageCount: z.number(), confidence: z.number().nullable(), accuracy: z.number().nullable() }),
  ),
  /** Queries, worst first, 500 at most. */
  queries: z.array(
    z.object({
      name: z.string(),
      /** Image in its split; null in reports of older versions. */
      index: z.number().nullable().default(null),
      difficulty: z.enum(['easy', 'medium', 'hard']),
      averagePrecision: Share,
      /** From 1. */
      firstRank: z.number().nullable(),
      relevantCount: z.number(),
      top: z.array(
        z.object({
          name: z.string(),
          index: z.number().nullable().default(null),
          score: z.number().nullable(),
          isRelevant: z.boolean(),
        }),
      ),
    }),
  ),
})
export type EvaluationReport = z.output<typeof EvaluationReport>

const ReliabilityBin = z.strictObject({
  /** Probabilities above `low` up to `high`. */
  low: z.number(),
  high: z.number(),
  imageCount: z.number(),
  /** Mean probability, and the share that is right; null in an empty bin. */
  confidence: Share,
  accuracy: Share,
})

const Reliability = z.strictObject({
  bins: z.array(ReliabilityBin),
  /** Expected calibration error, and the largest gap of any bin. */
  ece: Share,
  mce: Share,
})
export type Reliability = z.output<typeof Reliability>

export const StudiedClass = z.strictObject({
  label: z.number(),
  name: z.string(),
  imageCount: z.number(),
  /** Images that are taken for it. */
  predictedCount: z.number(),
  rightCount: z.number(),
  precision: Share,
  recall: Share,
  f1: Share,
  averagePrecision: Share,
  /** Mean cross-entropy of its images. */
  loss: z.number().nullable(),
})
export type StudiedClass = z.output<typeof StudiedClass>

/** An evaluation by classification from all sides. */
export const EvaluationStudy = z.strictObject({
  imageCount: z.number(),
  /** Whether every class of every image is scored; else the five likeliest alone. */
  hasLogits: z.boolean(),
  /** Means over the classes that have images. */
  macro: z.strictObject({ precision: Share, recall: Share, f1: Share, averagePrecision: Share }),
  classes: z.array(StudiedClass),
  /** True class, predicted class, count, one after the other, of pairs that occur. */
  cells: z.array(z.number()),
  /** Classes so that those taken for each other are neighbours. */
  order: z.array(z.number()),
  /** Bins of equal width, and of as many images each. */
  byWidth: Reliability,
  byMass: Reliability,
  /** By what logits would be divided for the best calibration, and the error that would be left. */
  temperature: z.strictObject({ value: z.number(), ece: z.number() }).nullable(),
  /** Share of images that are kept, and accuracy among them, as the least probability rises. */
  coverage: z.array(z.strictObject({ share: z.number(), accuracy: z.number(), threshold: z.number() })),
})
export type EvaluationStudy = z.output<typeof EvaluationStudy>

export const ClassCurves = z.strictObject({
  label: z.number(),
  name: z.string(),
  averagePrecision: Share,
  /** By falling threshold. */
  points: z.array(z.strictObject({ threshold: z.number(), precision: z.number(), recall: z.number() })),
  /** Probability of the class against the share of images that are of it. */
  reliability: Reliability,
})
export type ClassCurves = z.output<typeof ClassCurves>

/** An image and what the network said of it. */
export const JudgedImage = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  thumbnailUrl: z.string(),
  imageUrl: z.string(),
  /** Likeliest first, five at most. */
  top: z.array(NamedClass.extend({ probability: z.number() })),
  /** Probability of the true class. */
  truth: z.number(),
  loss: z.number().nullable(),
})
export type JudgedImage = z.output<typeof JudgedImage>

export const JudgedGroup = z.enum(['all', 'wrong', 'right', 'beyond-top5'])
export type JudgedGroup = z.output<typeof JudgedGroup>
export const JudgedOrder = z.enum(['loss', 'confident', 'unsure', 'index'])
export type JudgedOrder = z.output<typeof JudgedOrder>

const ById = z.strictObject({ id: Id })

export const evaluations = {
  /** Of one run, newest first. */
  list: call(z.strictObject({ runId: Id }), z.array(Evaluation)),
  /** Of all runs that are not in the trash, newest first. */
  recent: call(z.strictObject({ limit: z.int().min(1).max(1000).default(200) }), z.array(Evaluation)),
  get: call(ById, Evaluation),
  /** `split` null: val, else test, else what training held out; the data set's own queries where a retrieval has some. */
  start: call(
    z.strictObject({
      checkpointId: Id,
      datasetId: Id.nullable().default(null),
      split: SplitName.nullable().default(null),
      settings: EvaluationSettings.prefault({}),
    }),
    z.strictObject({ id: Id }),
  ),
  /** The same checkpoint on the same images in the same way, once more. */
  again: call(ById, ById),
  /** In detail, once it has finished. */
  report: call(ById, EvaluationReport),
  /** From all sides, for a classification that has finished. @throws not-found where predictions were not kept: evaluate again. */
  study: call(ById, EvaluationStudy),
  curves: call(
    z.strictObject({ id: Id, labels: z.array(z.int().min(0)).min(1).max(8) }),
    z.array(ClassCurves),
  ),
  images: call(
    z.strictObject({
      id: Id,
      group: JudgedGroup.default('all'),
      /** True class, and the one that an image is taken for; null for all. */
      truth: z.int().min(0).nullable().default(null),
      predicted: z.int().min(0).nullable().default(null),
      order: JudgedOrder.default('loss'),
      search: z.string().max(200).default(''),
      /** Image whose place among these is asked for. */
      find: z.int().min(0).nullable().default(null),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ total: z.number(), place: z.number().nullable(), items: z.array(JudgedImage) }),
  ),
  cancel: call(ById, Empty),
  /** Into the trash, which is emptied when the workbench starts again; `restore` takes it back. */
  remove: call(ById, Empty),
  restore: call(ById, Empty),
  onChanged: push(Evaluation),
  onRemoved: push(z.strictObject({ id: Id, runId: Id })),
} as const
