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
  /** Images whose label the user has changed. */
  relabelledCount: z.number(),
  error: Failure.nullable(),
  progress: Progress.nullable(),
  createdAt: z.number(),
})
export type DatasetSummary = z.output<typeof DatasetSummary>

export const Dataset = DatasetSummary.extend({
  classes: z.array(z.string()),
  /** Images of each class as relabelled, in the order of `classes`, for each split. */
  classCounts: z.array(z.strictObject({ split: SplitName, counts: z.array(z.number()) })),
  /** Tags that the user gave, most frequent first. */
  tags: z.array(z.strictObject({ split: SplitName, tag: z.string(), count: z.number() })),
  /** Changes whenever a label or a tag does. */
  editsVersion: z.string(),
  /** Whether it says itself which images answer which query. */
  hasTruth: z.boolean(),
})
export type Dataset = z.output<typeof Dataset>

export const DatasetItem = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  /** Name of the class that the scan found, where the user has changed the label; else null. */
  wasClassName: z.string().nullable(),
  name: z.string(),
  /** Pixels as the header states them; 0 until the images were measured. */
  width: z.number(),
  height: z.number(),
  /** Size of the file; 0 where that is unknown or the format holds bare pixels. */
  fileBytes: z.number(),
  tags: z.array(z.string()),
  /** Why it cannot be used, as far as it was looked at; else null. */
  problem: z.string().nullable(),
  /** Thumbnail, relative to the host. */
  thumbnailUrl: z.string(),
  /** The whole picture, as it would be decoded for training. */
  imageUrl: z.string(),
})
export type DatasetItem = z.output<typeof DatasetItem>

export const DatasetProblem = z.strictObject({ file: z.string(), problem: z.string() })
export type DatasetProblem = z.output<typeof DatasetProblem>

/** Which images of a split, and in which order. Orders by size need `inspect`. */
export const ImageFilter = z.strictObject({
  /** Only this class, as relabelled; null for all. */
  label: z.int().min(0).nullable().default(null),
  /** Words that must all be in the name of the file or of the class. */
  text: z.string().max(200).default(''),
  tag: z.string().max(60).default(''),
  /** Bounds of the shorter side in pixels, both included. */
  leastSide: z.int().min(0).nullable().default(null),
  mostSide: z.int().min(0).nullable().default(null),
  state: z.enum(['all', 'relabelled', 'tagged', 'untagged', 'broken']).default('all'),
  order: z.enum(['index', 'name', 'smallest', 'largest']).default('index'),
})
export type ImageFilter = z.output<typeof ImageFilter>

/** A tag: one line, no commas, at most 60 characters. */
export const Tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^,\n]*$/, 'expected no commas')

/** The label and tags of an image, by its index in the split. */
export const ImageEdit = z.strictObject({
  index: z.int().min(0),
  /** Class in the order of `classes`; null: as scanned. */
  label: z.int().min(0).nullable(),
  tags: z.array(Tag).max(50),
})
export type ImageEdit = z.output<typeof ImageEdit>

const Histogram = z.strictObject({ bounds: z.array(z.number()), counts: z.array(z.number()) })
const Spread = z.strictObject({ least: z.number(), median: z.number(), most: z.number() })

/** What was measured of the images since the last scan; null where nothing was. */
export const ImageStatistics = z
  .strictObject({
    /** Whether every image was decoded to its end. */
    isDecoded: z.boolean(),
    broken: z.array(
      z.strictObject({ split: SplitName, index: z.number(), name: z.string(), problem: z.string() }),
    ),
    splits: z.array(
      z.strictObject({
        name: SplitName,
        /** Images whose size is known. */
        count: z.number(),
        width: Spread,
        height: Spread,
        totalBytes: z.number(),
        shorterSides: Histogram,
        /** Width by height. */
        aspects: Histogram,
        /** Most frequent first. */
        sizes: z.array(z.strictObject({ width: z.number(), height: z.number(), count: z.number() })),
        sizeCount: z.number(),
      }),
    ),
  })
  .nullable()
export type ImageStatistics = z.output<typeof ImageStatistics>

/** An image of a retrieval data set. */
const TruthImage = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  thumbnailUrl: z.string(),
  imageUrl: z.string(),
})
export type TruthImage = z.output<typeof TruthImage>

/** A query with the number of images that answer it. Plain sets have no hard ones; junk is neither right nor wrong. */
export const TruthQuery = TruthImage.extend({
  easyCount: z.number(),
  hardCount: z.number(),
  junkCount: z.number(),
})
export type TruthQuery = z.output<typeof TruthQuery>

export const TruthAnswers = z.strictObject({
  query: TruthImage,
  /** Part of the image to search with: left, top, right, bottom in pixels. */
  box: z.array(z.number()).nullable(),
  /** The same image in the gallery. */
  self: TruthImage.nullable(),
  /** At most 500 of each. */
  easy: z.array(TruthImage),
  hard: z.array(TruthImage),
  junk: z.array(TruthImage),
  counts: z.strictObject({ easy: z.number(), hard: z.number(), junk: z.number() }),
})
export type TruthAnswers = z.output<typeof TruthAnswers>

/** A folder of the machine that runs the workbench. */
export const FolderLook = z.strictObject({
  path: z.string(),
  /** Null at the top. */
  parent: z.string().nullable(),
  /** Names of the folders within. */
  folders: z.array(z.string()),
  /** Whether there are more than are listed. */
  isCut: z.boolean(),
  fileCount: z.number(),
  recognised: z.strictObject({ reader: z.string(), reason: z.string() }).nullable(),
})
export type FolderLook = z.output<typeof FolderLook>

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
  /** `reader` 'auto' recognises the format. Returns at once; scanning goes on. */
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
    ImageFilter.extend({
      id: Id,
      split: SplitName,
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ total: z.number(), items: z.array(DatasetItem) }),
  ),
  /** Small pictures of images, as addresses that need no further request; null for an image that cannot be decoded. */
  thumbnails: call(
    z.strictObject({ id: Id, split: SplitName, indices: z.array(z.int().min(0)).min(1).max(128) }),
    z.strictObject({ images: z.array(z.strictObject({ index: z.number(), url: z.string().nullable() })) }),
  ),
  /** The indices of all images that a filter chooses, at most 100,000. */
  matching: call(
    ImageFilter.extend({ id: Id, split: SplitName }),
    z.strictObject({ total: z.number(), indices: z.array(z.number()) }),
  ),
  /**
   * Changes labels and tags of images. They are kept by the workbench, not in the user's files; runs begun from now on and evaluations
   * go by them. `before` is what `restoreEdits` takes to undo it.
   */
  edit: call(
    z.strictObject({
      id: Id,
      split: SplitName,
      indices: z.array(z.int().min(0)).min(1).max(100_000),
      /** Class in the order of `classes`; null: as scanned; left out: unchanged. */
      label: z.int().min(0).nullable().optional(),
      addTags: z.array(Tag).max(20).default([]),
      removeTags: z.array(Tag).max(20).default([]),
    }),
    z.strictObject({ before: z.array(ImageEdit) }),
  ),
  restoreEdits: call(
    z.strictObject({ id: Id, split: SplitName, images: z.array(ImageEdit).min(1).max(100_000) }),
    Empty,
  ),
  /** A job that measures every image, and with `decodes` decodes each to its end to find the broken ones. */
  inspect: call(z.strictObject({ id: Id, decodes: z.boolean().default(false) }), StartedJob),
  statistics: call(z.strictObject({ id: Id }), ImageStatistics),
  /** Of a data set made for retrieval. @throws AppError not-found for others */
  queries: call(
    z.strictObject({
      id: Id,
      /** Words that must all be in the name of the file or of what it shows. */
      text: z.string().max(200).default(''),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ protocol: z.string(), total: z.number(), queries: z.array(TruthQuery) }),
  ),
  answers: call(z.strictObject({ id: Id, query: z.int().min(0) }), TruthAnswers),
  /** What is in a folder, for someone who chooses one; null begins at the user's own. */
  lookIntoFolder: call(z.strictObject({ path: z.string().min(1).max(4096).nullable() }), FolderLook),
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
  /** What the newest search in all splits found since the last scan, whoever asked for it; null where nobody has. */
  foundDuplicates: call(
    z.strictObject({ id: Id }),
    z.strictObject({ betweenOnly: z.boolean(), found: Duplicates }).nullable(),
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
