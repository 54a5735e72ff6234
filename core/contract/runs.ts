/** Training runs: queue, life cycle, log. */
import { z } from 'zod'
import { ConfigInput } from './catalog.ts'
import { call, push } from './define.ts'
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

export const runs = {
  /** Newest first. */
  list: call(z.strictObject({ deleted: z.boolean().default(false) }), z.array(RunSummary)),
  get: call(ById, Run),
  /** Checks the configuration and puts a run at the end of the queue. */
  create: call(
    z.strictObject({ config: ConfigInput, datasetId: Id, name: z.string().max(200).optional() }),
    z.strictObject({ id: Id }),
  ),
  pause: call(ById, Empty),
  stop: call(ById, Empty),
  resume: call(ById, Empty),
  /** Moves a queued run to a place in the queue, from 1. */
  move: call(z.strictObject({ id: Id, position: z.int().min(1) }), Empty),
  rename: call(z.strictObject({ id: Id, name: z.string().min(1).max(200) }), Empty),
  annotate: call(z.strictObject({ id: Id, notes: z.string().max(20_000) }), Empty),
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
  onChanged: push(RunSummary),
  onRemoved: push(ById),
  onLog: push(z.strictObject({ id: Id, lines: z.array(LogLine) })),
} as const
