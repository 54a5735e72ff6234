/** Data sets: adding, scanning, browsing. Files of the user are only ever read. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Failure, Id, Progress, SplitName } from './values.ts'

export const SplitSummary = z.strictObject({ name: SplitName, count: z.number() })

export const DatasetSummary = z.strictObject({
  id: Id,
  name: z.string(),
  path: z.string(),
  reader: z.string(),
  /** `missing`: the folder is gone or unmounted. */
  status: z.enum(['scanning', 'ready', 'failed', 'missing']),
  isSample: z.boolean(),
  classCount: z.number(),
  splits: z.array(SplitSummary),
  /** Size of the first image, as a hint for presets: null while unknown. */
  imageSize: z.strictObject({ width: z.number(), height: z.number(), channels: z.number() }).nullable(),
  problemCount: z.number(),
  error: Failure.nullable(),
  progress: Progress.nullable(),
  createdAt: z.number(),
})
export type DatasetSummary = z.output<typeof DatasetSummary>

export const Dataset = DatasetSummary.extend({
  classes: z.array(z.string()),
  /** Images of each class, in the order of `classes`, for each split. */
  classCounts: z.array(z.strictObject({ split: SplitName, counts: z.array(z.number()) })),
})
export type Dataset = z.output<typeof Dataset>

export const DatasetItem = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  /** Thumbnail, relative to the host. */
  thumbnailUrl: z.string(),
  /** The whole picture, as it would be decoded for training. */
  imageUrl: z.string(),
})
export type DatasetItem = z.output<typeof DatasetItem>

export const DatasetProblem = z.strictObject({ file: z.string(), problem: z.string() })
export type DatasetProblem = z.output<typeof DatasetProblem>

/** One image of a pair. */
const Twin = z.strictObject({
  split: SplitName,
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  thumbnailUrl: z.string(),
  imageUrl: z.string(),
})

/** Images that are in a data set twice. */
export const Duplicates = z.strictObject({
  imageCount: z.number(),
  /** Images that cannot be decoded. */
  skippedCount: z.number(),
  counts: z.array(
    z.strictObject({
      splits: z.tuple([SplitName, SplitName]),
      /** The same bytes or pixels. */
      exact: z.number(),
      near: z.number(),
      /** Of both, those whose images have different labels. */
      differentLabels: z.number(),
    }),
  ),
  /** Those between splits first; at most 2,000. */
  pairs: z.array(
    z.strictObject({
      first: Twin,
      second: Twin,
      isExact: z.boolean(),
      /** Bits of their hashes that differ, of 64. */
      distance: z.number(),
      /** Up to 1. */
      similarity: z.number(),
    }),
  ),
  pairCount: z.number(),
})
export type Duplicates = z.output<typeof Duplicates>

/** A data set as TFRecord files. */
export const Packed = z.strictObject({
  out: z.string(),
  splits: z.array(
    z.strictObject({ name: SplitName, files: z.number(), records: z.number(), sizeBytes: z.number() }),
  ),
  /** Files that were there from an interrupted packing. */
  keptFiles: z.number(),
  leftOutCount: z.number(),
  leftOut: z.array(DatasetProblem),
})
export type Packed = z.output<typeof Packed>

/** Pictures of one image, relative to the host. */
export const AugmentedImages = z.strictObject({
  /** Side of the network's input in pixels. */
  size: z.number(),
  /** As validation prepares it. */
  validationUrl: z.string(),
  train: z.array(z.strictObject({ epoch: z.number(), copy: z.number(), url: z.string() })),
})
export type AugmentedImages = z.output<typeof AugmentedImages>

export const datasets = {
  list: call(Empty, z.array(DatasetSummary)),
  get: call(z.strictObject({ id: Id }), Dataset),
  /** The one call that takes a path. `reader` 'auto' recognises the format. Returns at once; scanning goes on. */
  add: call(
    z.strictObject({
      path: z.string().min(1).max(4096),
      name: z.string().max(200).optional(),
      reader: z.string().default('auto'),
      options: z.record(z.string(), z.unknown()).optional(),
    }),
    z.strictObject({ id: Id }),
  ),
  rename: call(z.strictObject({ id: Id, name: z.string().min(1).max(200) }), Empty),
  rescan: call(z.strictObject({ id: Id }), Empty),
  cancelScan: call(z.strictObject({ id: Id }), Empty),
  /** Forgets the data set. The user's files stay. */
  remove: call(z.strictObject({ id: Id }), Empty),
  browse: call(
    z.strictObject({
      id: Id,
      split: SplitName,
      /** Only this class; null for all. */
      label: z.int().min(0).nullable().default(null),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ total: z.number(), items: z.array(DatasetItem) }),
  ),
  problems: call(z.strictObject({ id: Id }), z.array(DatasetProblem)),
  /** A job that writes TFRecord files into a folder of its own: new, empty, or left by the same packing. Its result is `Packed`. */
  pack: call(
    z.strictObject({
      id: Id,
      /** Absolute. */
      out: z.string().min(1).max(4096),
      splits: z.array(SplitName).optional(),
      /** Files of the largest split; left out: files of about 128 MB. */
      shards: z.int().min(1).max(99_999).optional(),
      /** Shorter side of the pictures in pixels; left out: JPEG and PNG files stay as they are. */
      shorterSide: z.int().min(8).max(4096).optional(),
      quality: z.int().min(1).max(100).default(95),
      seed: z.int().min(0).default(0),
      /** 1 keeps label 0 for a background, as slim's ImageNet does. */
      labelOffset: z.union([z.literal(0), z.literal(1)]).default(0),
    }),
    StartedJob,
  ),
  /** A job that looks for images that are there twice, between splits and within them; its result is `Duplicates`. */
  duplicates: call(
    z.strictObject({
      id: Id,
      splits: z.array(SplitName).optional(),
      betweenOnly: z.boolean().default(false),
      distance: z.int().min(0).max(12).default(6),
    }),
    StartedJob,
  ),
  /** One image as training with a configuration would draw it: one picture for each of `count` epochs from `epoch` on. */
  augmented: call(
    z.strictObject({
      datasetId: Id,
      split: SplitName,
      index: z.int().min(0),
      /** A configuration; its transforms, input and seed count. */
      config: z.record(z.string(), z.unknown()),
      epoch: z.int().min(0).max(1_000_000).default(0),
      /** 0, or the number of the repeat under repeated augmentation. */
      copy: z.int().min(0).max(1000).default(0),
      count: z.int().min(1).max(24).default(8),
    }),
    AugmentedImages,
  ),
  onChanged: push(DatasetSummary),
  onRemoved: push(z.strictObject({ id: Id })),
} as const
