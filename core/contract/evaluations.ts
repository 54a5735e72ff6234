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
      difficulty: z.enum(['easy', 'medium', 'hard']),
      averagePrecision: Share,
      /** From 1. */
      firstRank: z.number().nullable(),
      relevantCount: z.number(),
      top: z.array(z.object({ name: z.string(), score: z.number().nullable(), isRelevant: z.boolean() })),
    }),
  ),
})
export type EvaluationReport = z.output<typeof EvaluationReport>

const ById = z.strictObject({ id: Id })

export const evaluations = {
  list: call(z.strictObject({ runId: Id }), z.array(Evaluation)),
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
  /** In detail, once it has finished. */
  report: call(ById, EvaluationReport),
  cancel: call(ById, Empty),
  onChanged: push(Evaluation),
} as const
