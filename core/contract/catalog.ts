/** What can be trained: entries of every registry, presets, and checks of a configuration. */
import { z } from 'zod'
import { call } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Empty, Id } from './values.ts'

/** A configuration on its way in: checked by `catalog.validate` and `runs.create`, which name each bad field. */
export const ConfigInput = z.record(z.string(), z.unknown())

export const EntryInfo = z.strictObject({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  source: z.string(),
  version: z.number(),
  /** JSON Schema of the options: properties with title, description, unit, default, minimum, maximum, enum. */
  options: z.record(z.string(), z.unknown()),
})
export type EntryInfo = z.output<typeof EntryInfo>

export const PresetInfo = z.strictObject({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  source: z.string(),
  /** A complete configuration, defaults filled in. */
  config: z.record(z.string(), z.unknown()),
})
export type PresetInfo = z.output<typeof PresetInfo>

export const ConfigIssue = z.strictObject({ path: z.string(), message: z.string() })
export type ConfigIssue = z.output<typeof ConfigIssue>

export const Catalog = z.strictObject({
  /** By family: model, loss, optimizer, schedule, transform, reader, metric. */
  families: z.record(z.string(), z.array(EntryInfo)),
  /** JSON Schema of the whole configuration; choices of entries appear as {name, options}. */
  config: z.record(z.string(), z.unknown()),
  presets: z.array(PresetInfo),
})
export type Catalog = z.output<typeof Catalog>

/** Losses of a short run whose learning rate grows with every step. */
export const LearningRateSearch = z.strictObject({
  /** `loss` is smoothed. */
  points: z.array(z.strictObject({ learningRate: z.number(), loss: z.number() })),
  /** Where the loss falls fastest; null when it never falls. */
  suggestion: z.number().nullable(),
  /** Why it ended before its last step; empty when it did not. */
  reason: z.string(),
})
export type LearningRateSearch = z.output<typeof LearningRateSearch>

/** What a configuration means for a data set, before anything starts. */
export const Plan = z.strictObject({
  issues: z.array(ConfigIssue),
  /** The configuration with defaults filled in; null when it has issues. */
  config: z.record(z.string(), z.unknown()).nullable(),
  parameterCount: z.number().nullable(),
  /** Multiply-accumulate operations of one forward pass of one image. */
  macs: z.number().nullable(),
  stepsPerEpoch: z.number().nullable(),
  totalSteps: z.number().nullable(),
  /** Bytes of one checkpoint. */
  checkpointBytes: z.number().nullable(),
  /** Memory of one training step, estimated: bytes of weights, gradients, what the optimizer keeps, and activations. */
  stepBytes: z.number().nullable(),
  /** What a run of it takes; null where it cannot be known. */
  needs: z
    .strictObject({
      trainCount: z.number(),
      /** Images of one validation, and how many validations there are. */
      validationCount: z.number(),
      validations: z.number(),
      /** Checkpoints that the keep rule leaves at the end, at most. */
      keptCheckpoints: z.number(),
      /** Memory of a step is `fixedBytes` + images · `bytesPerImage`, on each rank. */
      fixedBytes: z.number(),
      bytesPerImage: z.number(),
    })
    .nullable(),
  /** Learning rate over the run, at most 500 points. */
  learningRate: z.array(z.strictObject({ step: z.number(), epoch: z.number(), lr: z.number() })),
})
export type Plan = z.output<typeof Plan>

export const catalog = {
  list: call(Empty, Catalog),
  /** Checks a configuration, alone or against a data set, and says what it would do. Never fails on a bad one. */
  plan: call(z.strictObject({ config: ConfigInput, datasetId: Id.nullable().default(null) }), Plan),
  /** Starts a job that gives a `LearningRateSearch`. */
  findLearningRate: call(z.strictObject({ config: ConfigInput, datasetId: Id }), StartedJob),
} as const
