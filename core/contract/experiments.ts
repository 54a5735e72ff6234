/** What comes before a run: its draft, its configuration as text, what it would take, and many runs at once. */
import { z } from 'zod'
import { ConfigInput, ConfigIssue } from './catalog.ts'
import { call, push } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Id } from './values.ts'

/** An issue with its place in a text, counted from 1; null where it has none. */
export const TextIssue = ConfigIssue.extend({ line: z.number().nullable(), column: z.number().nullable() })
export type TextIssue = z.output<typeof TextIssue>

/** How fast a configuration trains here, measured in a few steps of it. Times in milliseconds. */
export const SpeedProbe = z.strictObject({
  backend: z.string(),
  device: z.string(),
  /** Measured steps; those that warm up are not among them. */
  steps: z.number(),
  /** Images of a step, of all ranks together. */
  batchSize: z.number(),
  /** Mean from the beginning of one step to that of the next. */
  stepMs: z.number(),
  /** Of that, the wait for images. */
  dataMs: z.number(),
  /** Mean for one image of the validation; null where the run does not validate. */
  evaluationMsPerImage: z.number().nullable(),
  /** Bytes that the device can give this run, and the most that the steps used; null where nothing tells. */
  limitBytes: z.number().nullable(),
  peakBytes: z.number().nullable(),
})
export type SpeedProbe = z.output<typeof SpeedProbe>

/** What the machine has now, in bytes. */
export const Machine = z.strictObject({
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  /** Of the disk that holds the runs; null when it cannot be asked. */
  diskBytes: z.number().nullable(),
  freeDiskBytes: z.number().nullable(),
  /** GPUs as their driver lists them, by the name that a configuration takes. */
  gpus: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      memoryBytes: z.number(),
      freeMemoryBytes: z.number(),
    }),
  ),
})
export type Machine = z.output<typeof Machine>

/** A value of a draft at a dotted path; left out, the path is removed. */
export const DraftPatch = z.strictObject({ path: z.string().min(1).max(300), value: z.unknown().optional() })
export type DraftPatch = z.output<typeof DraftPatch>

/** The run that is being prepared, in whichever windows. */
export const Draft = z.strictObject({
  /** Grows with every change. */
  revision: z.number(),
  /** Which window changed it last; empty for none. */
  origin: z.string(),
  content: z.record(z.string(), z.unknown()),
})
export type Draft = z.output<typeof Draft>

/** A field that a sweep varies: over a list, or over a range in so many values. */
export const SweptField = z.strictObject({
  path: z.string().min(1).max(300),
  /** What it takes in turn; empty where a range is given. */
  values: z.array(z.unknown()).max(200).default([]),
  range: z
    .strictObject({
      from: z.number(),
      to: z.number(),
      scale: z.enum(['linear', 'log']),
      /** Values of a grid, ends included. */
      count: z.int().min(2).max(100),
      isInteger: z.boolean().default(false),
    })
    .nullable()
    .default(null),
})
export type SweptField = z.output<typeof SweptField>

export const SweepInput = z.strictObject({
  fields: z.array(SweptField).min(1).max(12),
  search: z.enum(['grid', 'random']),
  /** Runs of a random search. */
  count: z.int().min(1).max(1000).default(10),
  seed: z.int().min(0).max(4_294_967_295).default(0),
  /** No more runs than this, whatever the grid holds. */
  mostRuns: z.int().min(1).max(1000).default(100),
  /** Training time of all runs together after which no further one starts; null for no limit. */
  budgetMs: z.number().min(1000).nullable().default(null),
})
export type SweepInput = z.output<typeof SweepInput>

export const SweepPlan = z.strictObject({
  /** Settings of the whole grid, or of the random search. */
  total: z.number(),
  /** Runs that would be made: no more than `mostRuns`. */
  runs: z.number(),
  /** The values of the first runs, in the order of the fields; at most 200. */
  settings: z.array(z.array(z.unknown())),
  /** Mistakes of the sweep itself, and of the first settings that cannot be trained. */
  issues: z.array(ConfigIssue),
})
export type SweepPlan = z.output<typeof SweepPlan>

export const Sweep = z.strictObject({
  groupId: Id,
  name: z.string(),
  sweep: SweepInput,
  createdAt: z.number(),
  /** Why no further run of it starts; empty while they do. */
  ended: z.string(),
  /** Training time of its runs so far. */
  elapsedMs: z.number(),
  /** How many of its runs there are, by what they are doing. */
  waiting: z.number(),
  active: z.number(),
  done: z.number(),
})
export type Sweep = z.output<typeof Sweep>

export const Device = z.string().regex(/^(auto|cpu|cuda(:\d{1,3})?)$/, 'expected auto, cpu, cuda or cuda:N')

export const experiments = {
  /** Reads a configuration from YAML, or JSON. Never fails on a bad one. `config` is complete, or null when there are issues. */
  readText: call(
    z.strictObject({ text: z.string().max(1_000_000) }),
    z.strictObject({ config: z.record(z.string(), z.unknown()).nullable(), issues: z.array(TextIssue) }),
  ),
  /** A configuration as YAML that explains every field. */
  explain: call(z.strictObject({ config: ConfigInput }), z.strictObject({ text: z.string() })),
  /** Starts a job that trains a few steps, keeps nothing of them, and gives a `SpeedProbe`. */
  probe: call(z.strictObject({ config: ConfigInput, datasetId: Id }), StartedJob),
  machine: call(Empty, Machine),
  draft: call(Empty, Draft),
  /** Changes the draft of all windows. @param origin who asks; it knows its own changes by it */
  changeDraft: call(
    z.strictObject({ origin: z.string().max(64), patches: z.array(DraftPatch).max(2000) }),
    z.strictObject({ revision: z.number() }),
  ),
  onDraft: push(Draft),
  planSweep: call(z.strictObject({ config: ConfigInput, sweep: SweepInput }), SweepPlan),
  /** Puts every run of a sweep into the queue. */
  createSweep: call(
    z.strictObject({ config: ConfigInput, datasetId: Id, name: z.string().max(150), sweep: SweepInput }),
    z.strictObject({ groupId: Id, ids: z.array(Id) }),
  ),
  /** Newest first. */
  sweeps: call(Empty, z.array(Sweep)),
  /** Takes what waits out of the queue, and stops what trains. */
  cancelSweep: call(
    z.strictObject({ groupId: Id }),
    z.strictObject({ taken: z.array(Id), stopped: z.array(Id) }),
  ),
  /** Chooses what a run that is not training now computes on, when it goes on. */
  chooseDevice: call(z.strictObject({ id: Id, device: Device }), Empty),
  /** A new run with the same configuration and data, from its first step, named as another of the same: `name (2)`. */
  restart: call(z.strictObject({ id: Id }), z.strictObject({ id: Id, name: z.string() })),
} as const
