/** Data sets: adding, scanning, browsing. Files of the user are only ever read. */
import { z } from 'zod'
import { call, push } from './define.ts'
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
  onChanged: push(DatasetSummary),
  onRemoved: push(z.strictObject({ id: Id })),
} as const
