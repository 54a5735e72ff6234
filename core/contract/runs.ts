/** Training runs: queue, life cycle, log. */
import { z } from 'zod'
import { ConfigInput } from './catalog.ts'
import { call, push } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Failure, Id, Progress } from './values.ts'

/**
 * queued → starting → running → finished; pausing → paused and stopping → stopped save first and free the device;
 * `interrupted`: the process or the machine died; `failed`: see `error`. Paused, stopped, interrupted and failed runs resume from
 * their newest valid checkpoint.
 */
export const RunStatus = z.enum([
  'queued',
  'starting',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'finished',
  'failed',
  'interrupted',
])
export type RunStatus = z.output<typeof RunStatus>

export const RunSummary = z.strictObject({
  id: Id,
  name: z.string(),
  status: RunStatus,
  datasetId: Id,
  datasetName: z.string(),
  model: z.string(),
  backend: z.string(),
  /** Place in the queue from 1; null when not queued. */
  queuePosition: z.number().nullable(),
  step: z.number(),
  totalSteps: z.number(),
  epoch: z.number(),
  totalEpochs: z.number(),
  imagesPerSecond: z.number().nullable(),
  trainLoss: z.number().nullable(),
  valLoss: z.number().nullable(),
  /** Fractions from 0 to 1; of the newest validation. */
  top1: z.number().nullable(),
  top5: z.number().nullable(),
  bestTop1: z.number().nullable(),
  /** What the trainer is doing now, and how long it will still take; null when it does not run. */
  progress: Progress.nullable(),
  error: Failure.nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** Time spent training over all attempts. */
  elapsedMs: z.number(),
  deletedAt: z.number().nullable(),
  tags: z.array(z.string()),
  isStarred: z.boolean(),
  /** Kept, but out of the way, since then; null when it is not. */
  archivedAt: z.number().nullable(),
  /** The sweep that it is one of; null when it stands alone. */
  groupId: Id.nullable(),
})
export type RunSummary = z.output<typeof RunSummary>

export const Attempt = z.strictObject({
  number: z.number(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Step at which it began; points of earlier attempts beyond it are orphaned. */
  fromStep: z.number(),
  outcome: z.string(),
})
export type Attempt = z.output<typeof Attempt>

export const Run = RunSummary.extend({
  config: z.record(z.string(), z.unknown()),
  attempts: z.array(Attempt),
  notes: z.string(),
})
export type Run = z.output<typeof Run>

export const LogLine = z.strictObject({
  number: z.number(),
  wallMs: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
})
export type LogLine = z.output<typeof LogLine>

const ById = z.strictObject({ id: Id })
const Several = z.array(Id).min(1).max(20_000)

/** One word or several, without commas, which separate tags where people type them. */
export const Tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^,\p{Cc}]+$/u, 'expected a tag without commas')

/**
 * A column of the table of runs: `last(val/top1)`, `best(…)`, `min(…)` or `max(…)` of a series; `notes`; `disk`, bytes of all checkpoints;
 * `checkpoints`, how many; or the dotted path of a setting, such as `optimizer.options.momentum`.
 */
export const RunField = z.string().min(1).max(300)
export const ColumnValue = z.union([z.number(), z.string(), z.null()])
export type ColumnValue = z.output<typeof ColumnValue>

export const RunColumns = z.strictObject({
  ids: z.array(Id),
  /** By field, one value for each id. */
  columns: z.record(z.string(), z.array(ColumnValue)),
  /** What `before` asks for the next page; null after the last. */
  next: z.number().nullable(),
})

export const runs = {
  /** Newest first. */
  list: call(z.strictObject({ deleted: z.boolean().default(false) }), z.array(RunSummary)),
  get: call(ById, Run),
  /** Checks the configuration and puts a run at the end of the queue. */
  create: call(
    z.strictObject({
      config: ConfigInput,
      datasetId: Id,
      name: z.string().max(200).optional(),
      tags: z.array(Tag).max(50).default([]),
      /** The sweep that it is one of. */
      groupId: Id.nullable().default(null),
    }),
    z.strictObject({ id: Id }),
  ),
  pause: call(ById, Empty),
  stop: call(ById, Empty),
  resume: call(ById, Empty),
  /** Moves a queued run to a place in the queue, from 1. */
  move: call(z.strictObject({ id: Id, position: z.int().min(1) }), Empty),
  rename: call(z.strictObject({ id: Id, name: z.string().min(1).max(200) }), Empty),
  annotate: call(z.strictObject({ id: Id, notes: z.string().max(20_000) }), Empty),
  /** Adds and takes away tags of several runs. */
  tag: call(
    z.strictObject({
      ids: Several,
      add: z.array(Tag).max(50).default([]),
      remove: z.array(Tag).max(50).default([]),
    }),
    Empty,
  ),
  star: call(z.strictObject({ ids: Several, isStarred: z.boolean() }), Empty),
  archive: call(z.strictObject({ ids: Several, isArchived: z.boolean() }), Empty),
  /** Several to the trash; those at work stay and are named. */
  removeAll: call(z.strictObject({ ids: Several }), z.strictObject({ kept: z.array(Id) })),
  restoreAll: call(z.strictObject({ ids: Several }), Empty),
  /** Deletes trashed runs with their checkpoints for good, as a job `purge`. */
  purgeAll: call(z.strictObject({ ids: Several }), StartedJob),
  /** What there are columns of. A setting varies when two runs ever had different values. */
  fields: call(
    Empty,
    z.strictObject({
      settings: z.array(z.strictObject({ path: z.string(), varies: z.boolean() })),
      series: z.array(z.string()),
    }),
  ),
  /** Columns of all runs, a page at a time, newest first; or of the runs that are named. */
  columns: call(
    z.strictObject({
      fields: z.array(RunField).min(1).max(40),
      ids: z.array(Id).max(500).nullable().default(null),
      before: z.number().nullable().default(null),
    }),
    RunColumns,
  ),
  /** To the trash, and back from it. */
  remove: call(ById, Empty),
  restore: call(ById, Empty),
  /** Deletes a trashed run with its checkpoints for good. */
  purge: call(ById, z.strictObject({ freedBytes: z.number() })),
  /** Log lines after a number, oldest first; `after` -1 gives the last `limit`. */
  log: call(
    z.strictObject({ id: Id, after: z.int().default(-1), limit: z.int().min(1).max(5000).default(1000) }),
    z.array(LogLine),
  ),
  /** Searches the whole log, from its end towards its beginning. */
  searchLog: call(
    z.strictObject({
      id: Id,
      /** Part of a line in any case; empty for all lines. */
      text: z.string().max(500).default(''),
      levels: z.array(LogLine.shape.level).default([]),
      /** Only lines before this number; null from the end on. */
      before: z.int().nullable().default(null),
      limit: z.int().min(1).max(2000).default(500),
    }),
    /** Oldest first. `from`: everything from that number on was looked at; 0 when all was. */
    z.strictObject({ lines: z.array(LogLine), from: z.number() }),
  ),
  onChanged: push(RunSummary),
  onManyChanged: push(z.array(RunSummary)),
  onRemoved: push(ById),
  onLog: push(z.strictObject({ id: Id, lines: z.array(LogLine) })),
} as const
