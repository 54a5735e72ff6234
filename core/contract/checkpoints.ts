/** Checkpoints of runs. */
import { z } from 'zod'
import { ConfigInput } from './catalog.ts'
import { call, push } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Id, ImageRef } from './values.ts'

export const Checkpoint = z.strictObject({
  id: Id,
  runId: Id,
  step: z.number(),
  epoch: z.number(),
  /** Folder name, such as `step-00012345`. */
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  status: z.enum(['valid', 'damaged', 'missing']),
  isBest: z.boolean(),
  isNewest: z.boolean(),
  /** The user asked to keep it whatever the retention rule says. */
  isPinned: z.boolean(),
  metrics: z.record(z.string(), z.number()),
  createdAt: z.number(),
  /** What the user calls it; empty for the folder's name. */
  label: z.string(),
  /** In the trash since then; null when it is not. */
  removedAt: z.number().nullable(),
})
export type Checkpoint = z.output<typeof Checkpoint>

/** What the job of an export gives. */
export const ExportResult = z.object({
  /** Where the model lies, with its preprocessing and a note. */
  folder: z.string(),
  sizeBytes: z.number(),
})

export const Prediction = z.strictObject({
  image: z.string(),
  /** Likeliest first; probabilities from 0 to 1. */
  classes: z.array(z.strictObject({ name: z.string(), index: z.number(), probability: z.number() })),
})
export type Prediction = z.output<typeof Prediction>

/** Where in an image a class is seen. */
export const ActivationMap = z.strictObject({
  height: z.number(),
  width: z.number(),
  /** From 0 to 1, row-major [height, width]. */
  values: z.array(z.number()),
  /** Whose map it is. */
  label: z.number(),
  className: z.string(),
  /** Of that class, 0 to 1. */
  probability: z.number(),
  /** The part of the image that the network sees, and over which the map lies, as fractions of the image's sides. */
  region: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** Likeliest first, five at most. */
  classes: Prediction.shape.classes,
})
export type ActivationMap = z.output<typeof ActivationMap>

/** What is kept: the newest, the best by a figure of the validation, multiples of some epochs; pinned ones in any case. */
export const KeepRule = z.strictObject({
  keepLast: z.int().min(1).max(1000).default(3),
  keepBest: z.int().min(0).max(100).default(1),
  bestBy: z.enum(['top1', 'loss']).default('top1'),
  /** 0 for none. */
  keepEveryEpochs: z.int().min(0).max(10_000).default(0),
})
export type KeepRule = z.output<typeof KeepRule>

/** Why a checkpoint stays: the run resumes from the newest, and damaged ones are left for whoever looks into it. */
export const KeepReason = z.enum(['newest', 'last', 'best', 'epoch', 'pinned', 'damaged'])
export type KeepReason = z.output<typeof KeepReason>

export const PlannedCheckpoint = z.strictObject({
  id: Id,
  runId: Id,
  name: z.string(),
  /** What the user calls it; empty: by its name. */
  label: z.string(),
  step: z.number(),
  sizeBytes: z.number(),
  /** Empty: it would go. */
  reasons: z.array(KeepReason),
})
export type PlannedCheckpoint = z.output<typeof PlannedCheckpoint>

/** What checkpoints of a run take; those in the trash apart. */
export const CheckpointUsage = z.strictObject({
  runId: Id,
  count: z.number(),
  sizeBytes: z.number(),
  removedCount: z.number(),
  removedBytes: z.number(),
})
export type CheckpointUsage = z.output<typeof CheckpointUsage>

/** What the job of an import gives. */
export const ImportResult = z.object({
  runId: Id,
  checkpointId: Id,
  /** Tensors that were taken, and those of the file that the network has no place for. */
  loadedCount: z.number(),
  unexpected: z.array(z.string()),
})

const ById = z.strictObject({ id: Id })
const Several = z.array(Id).min(1).max(20_000)

export const checkpoints = {
  /** Of one run, newest first. */
  list: call(z.strictObject({ runId: Id }), z.array(Checkpoint)),
  /** One, also from the trash. */
  get: call(ById, Checkpoint),
  pin: call(z.strictObject({ id: Id, isPinned: z.boolean() }), Empty),
  /** What people call it; empty goes back to the name of its folder, which stays in any case. */
  rename: call(z.strictObject({ id: Id, label: z.string().trim().max(100) }), Empty),
  /** Several to the trash, from which they come back; the newest valid one of a run and pinned ones stay and are named. */
  discard: call(z.strictObject({ ids: Several }), z.strictObject({ kept: z.array(Id) })),
  restore: call(z.strictObject({ ids: Several }), Empty),
  /** All in the trash, longest there first. */
  removed: call(Empty, z.array(Checkpoint)),
  /** Deletes trashed ones for good, as a job `purge`. */
  purge: call(z.strictObject({ ids: Several }), StartedJob),
  /** Deletes the files of one for good. The newest valid one of a run is refused. */
  remove: call(ById, z.strictObject({ freedBytes: z.number() })),
  /** Of all runs, largest first. */
  usage: call(Empty, z.array(CheckpointUsage)),
  /** What a rule would keep of some runs, or of all when null. Nothing is changed: `discard` does what was looked at. */
  planKeeping: call(
    z.strictObject({ runIds: z.array(Id).max(20_000).nullable(), rule: KeepRule }),
    z.array(PlannedCheckpoint),
  ),
  /**
   * Weights of a safetensors file, a torch state dict or a checkpoint folder as a job `import` whose result is an ImportResult: a
   * pinned checkpoint of a run, or, without one, of a new finished run with this configuration and data set.
   */
  import: call(
    z.strictObject({
      path: z.string().min(1).max(4096),
      runId: Id.nullable().default(null),
      config: ConfigInput.nullable().default(null),
      datasetId: Id.nullable().default(null),
      name: z.string().trim().max(100).default(''),
    }),
    StartedJob,
  ),
  /** Reads every byte and compares the hashes. */
  verify: call(ById, z.strictObject({ status: z.enum(['valid', 'damaged', 'missing']), detail: z.string() })),
  /** Writes it for other programs, as a job `export` whose result is an ExportResult, below `exports` of the data folder. */
  export: call(
    z.strictObject({
      id: Id,
      format: z.enum(['onnx', 'safetensors', 'tfjs']),
      /** Null: logits and embedding, as far as the network has them. */
      outputs: z
        .array(z.enum(['logits', 'embedding']))
        .min(1)
        .nullable()
        .default(null),
      /** Fold batch norms into the convolutions before them; onnx and tfjs. */
      fold: z.boolean().default(false),
      /** Let the model take pixels from 0 to 255 and normalise them itself; onnx and tfjs. */
      withPreprocessing: z.boolean().default(false),
      normaliseEmbedding: z.boolean().default(false),
      /** Height and width of the input in pixels; null: as in training. */
      size: z.int().min(8).max(4096).nullable().default(null),
      /** Null: the moving average of the weights where the run keeps one. */
      weights: z.enum(['ema', 'raw']).nullable().default(null),
    }),
    StartedJob,
  ),
  /** What it sees on one image. */
  predict: call(
    z.strictObject({ id: Id, image: ImageRef, top: z.int().min(1).max(1000).default(5) }),
    Prediction,
  ),
  /** Where on an image it sees a class; `label` null: the likeliest. */
  activationMap: call(
    z.strictObject({ id: Id, image: ImageRef, label: z.int().min(0).nullable().default(null) }),
    ActivationMap,
  ),
  onChanged: push(z.strictObject({ runId: Id })),
} as const
