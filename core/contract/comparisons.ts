/** Comparisons of two or more checkpoints: figures with paired tests, picture by picture, query by query, and layer by layer. */
import { z } from 'zod'
import { Checkpoint } from './checkpoints.ts'
import { call } from './define.ts'
import { Evaluation } from './evaluations.ts'
import { StartedJob } from './jobs.ts'
import { Id, SplitName } from './values.ts'

/** Checkpoints that are compared at once, at most. */
const mostSides = 8

/** A checkpoint that can be compared, with what tells it from others. */
export const ComparedCheckpoint = Checkpoint.extend({
  runName: z.string(),
  model: z.string(),
  datasetId: Id,
  datasetName: z.string(),
})
export type ComparedCheckpoint = z.output<typeof ComparedCheckpoint>

/** Images to judge on: a split, or `own`: those that the run validates on, where its data set has no split for it. */
const Images = z.union([SplitName, z.literal('own')])
export type ComparedImages = z.output<typeof Images>

export const Comparison = z.strictObject({
  /** As asked for; null where a checkpoint is gone, or a run has none. */
  sides: z.array(z.strictObject({ runId: Id.nullable(), checkpoint: ComparedCheckpoint.nullable() })),
  /** Data sets that have the classes of all sides. */
  datasets: z.array(
    z.strictObject({
      id: Id,
      name: z.string(),
      images: z.array(z.strictObject({ name: Images, count: z.number().nullable() })),
    }),
  ),
  /** What is compared on; null where no data set suits all sides. */
  chosen: z.strictObject({ datasetId: Id, images: Images }).nullable(),
  /** The newest evaluation of each side on the chosen images, as by default. */
  evaluations: z.array(
    z.strictObject({
      classification: Evaluation.nullable(),
      /** Whether what it said of each image is still there. */
      hasPredictions: z.boolean(),
      retrieval: Evaluation.nullable(),
    }),
  ),
})
export type Comparison = z.output<typeof Comparison>

const Interval = z.strictObject({ estimate: z.number(), low: z.number(), high: z.number() })

export const PairFigures = z.strictObject({
  first: z.number(),
  second: z.number(),
  /** Images that the second alone is right on, and the first alone. */
  gained: z.number(),
  lost: z.number(),
  bothRight: z.number(),
  bothWrong: z.number(),
  /** Images that are taken for different classes. */
  disagree: z.number(),
  /** Of top-1, second less first, with Tango's interval of 95 %. */
  difference: Interval,
  /** Exact McNemar; adjusted by Holm over all pairs. */
  p: z.number(),
  adjusted: z.number(),
})
export type PairFigures = z.output<typeof PairFigures>

export const PredictionsComparison = z.strictObject({
  /** Images that all sides judged. */
  imageCount: z.number(),
  /** Why that is not all of them; null when it is. */
  mismatch: z.strictObject({ counts: z.array(z.number()), relabelledCount: z.number() }).nullable(),
  sides: z.array(z.strictObject({ top1: z.number(), top5: z.number(), loss: z.number().nullable() })),
  pair: PairFigures,
  /** All pairs, of more than two sides. */
  pairs: z.array(PairFigures),
  cochran: z.strictObject({ q: z.number(), p: z.number() }).nullable(),
  /** Images by how many sides are right on them. */
  agreement: z.array(z.number()),
  classes: z.array(
    z.strictObject({
      label: z.number(),
      name: z.string(),
      imageCount: z.number(),
      right: z.array(z.number()),
      gained: z.number(),
      lost: z.number(),
      p: z.number(),
      adjusted: z.number(),
    }),
  ),
})
export type PredictionsComparison = z.output<typeof PredictionsComparison>

const NamedShare = z.strictObject({ label: z.number(), name: z.string(), probability: z.number() })

/** An image and what each side says of it. */
export const ComparedImage = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  thumbnailUrl: z.string(),
  imageUrl: z.string(),
  sides: z.array(
    z.strictObject({
      isRight: z.boolean(),
      /** Likeliest first, 5 at most. */
      top: z.array(NamedShare),
      /** Probability of the true class. */
      truth: z.number(),
    }),
  ),
})
export type ComparedImage = z.output<typeof ComparedImage>

export const ImageGroup = z.enum([
  ...['all', 'gained', 'lost', 'both-right', 'both-wrong', 'disagree', 'all-right', 'all-wrong'],
] as const)
export type ImageGroup = z.output<typeof ImageGroup>
export const ImageOrder = z.enum(['change', 'loss-first', 'loss-second', 'index'])
export type ImageOrder = z.output<typeof ImageOrder>

const Drift = z.strictObject({
  count: z.number(),
  /** Length of the difference as a share of the first's; null where that is zero. */
  relative: z.number().nullable(),
  cosine: z.number().nullable(),
})

/** What the job of `weights` gives. */
export const WeightsDrift = z.object({
  whole: Drift,
  /** From the input to the output. */
  layers: z.array(Drift.extend({ name: z.string() })),
  parameters: z.array(
    Drift.extend({
      name: z.string(),
      layer: z.string(),
      shape: z.array(z.number()),
      isBuffer: z.boolean(),
    }),
  ),
  unmatched: z.array(
    z.object({
      name: z.string(),
      first: z.array(z.number()).nullable(),
      second: z.array(z.number()).nullable(),
    }),
  ),
})
export type WeightsDrift = z.output<typeof WeightsDrift>

const Layer = z.object({ name: z.string(), role: z.string().nullable(), width: z.number() })

/** What the job of `representations` gives. */
export const RepresentationDrift = z.object({
  imageCount: z.number(),
  first: z.array(Layer),
  second: z.array(Layer),
  /** Linear CKA, first by second. */
  alignment: z.array(z.array(z.number().nullable())),
  embedding: z
    .object({
      cosine: z.number().nullable(),
      neighbours: z.number(),
      kept: z.number(),
      moved: z.array(
        z.object({
          index: z.number(),
          kept: z.number(),
          cosine: z.number().nullable(),
          thumbnailUrl: z.string(),
        }),
      ),
    })
    .nullable(),
})
export type RepresentationDrift = z.output<typeof RepresentationDrift>

/** An image of a ranked list. */
const Hit = z.strictObject({
  name: z.string(),
  score: z.number().nullable(),
  isRelevant: z.boolean(),
  thumbnailUrl: z.string().nullable(),
})

export const ComparedQuery = z.strictObject({
  name: z.string(),
  /** Image in its split; null where the evaluation did not keep it. */
  index: z.number().nullable(),
  thumbnailUrl: z.string().nullable(),
  difficulty: z.enum(['easy', 'medium', 'hard']),
  relevantCount: z.number(),
  /** Of both, 0 to 1. */
  averagePrecision: z.tuple([z.number(), z.number()]),
  firstRank: z.tuple([z.number().nullable(), z.number().nullable()]),
  /** What each finds first. */
  top: z.tuple([z.array(Hit), z.array(Hit)]),
})
export type ComparedQuery = z.output<typeof ComparedQuery>

export const RetrievalComparison = z.strictObject({
  difficulties: z.array(z.enum(['easy', 'medium', 'hard'])),
  /** Queries that both judged, of the chosen difficulty. */
  queryCount: z.number(),
  /** Queries that one of them alone has. */
  unmatchedCount: z.number(),
  map: z.tuple([z.number(), z.number()]),
  /** Queries whose average precision rose, fell, stayed. */
  won: z.number(),
  lost: z.number(),
  tied: z.number(),
  signP: z.number(),
  wilcoxon: z.strictObject({ p: z.number(), isExact: z.boolean(), count: z.number() }),
  /** Queries by the change of average precision, from -1 to 1 in 20 steps. */
  histogram: z.array(z.number()),
  total: z.number(),
  queries: z.array(ComparedQuery),
})
export type RetrievalComparison = z.output<typeof RetrievalComparison>

const Sides = z.array(Id).min(2).max(mostSides)
const Place = z
  .int()
  .min(0)
  .max(mostSides - 1)
/** Evaluations in the order of the sides, and which two of them are held against each other. */
const Judged = z.strictObject({ evaluationIds: Sides, first: Place.default(0), second: Place.default(1) })

export const comparisons = {
  /** Checkpoints of all runs, newest first. Every word of `search` is in the name of run, checkpoint, model or data set. */
  checkpoints: call(
    z.strictObject({
      search: z.string().max(200).default(''),
      runId: Id.nullable().default(null),
      limit: z.int().min(1).max(200).default(50),
    }),
    z.strictObject({ total: z.number(), items: z.array(ComparedCheckpoint) }),
  ),
  /** What there is to compare. A run stands for its best checkpoint. */
  open: call(
    z.strictObject({
      checkpointIds: z.array(Id).max(mostSides),
      runIds: z.array(Id).max(mostSides).default([]),
      datasetId: Id.nullable().default(null),
      images: Images.nullable().default(null),
    }),
    Comparison,
  ),
  predictions: call(Judged, PredictionsComparison),
  images: call(
    Judged.extend({
      group: ImageGroup,
      /** True class, and what the second takes it for; null for all. */
      label: z.int().min(0).nullable().default(null),
      predicted: z.int().min(0).nullable().default(null),
      /** One image by its number in the split; null for all. */
      index: z.int().min(0).nullable().default(null),
      order: ImageOrder.default('change'),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ total: z.number(), items: z.array(ComparedImage) }),
  ),
  /** Logits of every side for the classes that any of them names, and the true one; null where they were not kept. */
  logits: call(
    z.strictObject({ evaluationIds: Sides, index: z.int().min(0) }),
    z.strictObject({
      classes: z.array(
        z.strictObject({
          label: z.number(),
          name: z.string(),
          logits: z.array(z.number().nullable()),
        }),
      ),
    }),
  ),
  retrieval: call(
    z.strictObject({
      evaluationIds: z.tuple([Id, Id]),
      difficulty: z.enum(['easy', 'medium', 'hard']).nullable().default(null),
      group: z.enum(['all', 'won', 'lost', 'tied']).default('all'),
      search: z.string().max(200).default(''),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(200).default(50),
    }),
    RetrievalComparison,
  ),
  /** A job `weights-drift`; its result is a WeightsDrift. */
  weights: call(z.strictObject({ checkpointIds: z.tuple([Id, Id]) }), StartedJob),
  /** A job `representation-drift` on a sample of images; its result is a RepresentationDrift. */
  representations: call(
    z.strictObject({
      checkpointIds: z.tuple([Id, Id]),
      datasetId: Id,
      images: Images,
      imageCount: z.int().min(16).max(2000).default(256),
    }),
    StartedJob,
  ),
} as const
