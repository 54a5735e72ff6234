/** Curves: every point stays on disk; what a chart asks for is a min/max envelope of at most `maxPoints` buckets. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { LogLine } from './runs.ts'
import { Id, SplitName } from './values.ts'

export const SeriesInfo = z.strictObject({
  name: z.string(),
  split: z.enum(['train', 'val', 'system']),
  unit: z.string(),
  pointCount: z.number(),
})
export type SeriesInfo = z.output<typeof SeriesInfo>

/** A non-finite value travels as a string, as JSON has none. */
export const MetricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])

/** Where a moving average stands: its sum of weighted values, its sum of weights, and the step it has come to. */
export const SmoothingState = z.strictObject({
  average: z.number(),
  total: z.number(),
  step: z.number().nullable(),
  /** Steps over which what came before fades by the weight once. */
  unit: z.number(),
})
export type SmoothingState = z.output<typeof SmoothingState>

/**
 * One series of one attempt as columns. Bucket i covers steps from `step[i]` on; min = max = last when it holds one
 * point. Non-finite points have no place in min and max: they are listed in `nonFinite`.
 */
export const Curve = z.strictObject({
  name: z.string(),
  split: z.enum(['train', 'val', 'system']),
  attempt: z.number(),
  step: z.array(z.number()),
  epoch: z.array(z.number()),
  wallMs: z.array(z.number()),
  min: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
  last: z.array(z.number().nullable()),
  nonFinite: z.array(z.strictObject({ step: z.number(), value: MetricValue })),
  /** Steps from here on were replaced by a later attempt; null when none were. */
  orphanedFromStep: z.number().nullable(),
  /**
   * The moving average at the end of each bucket, over every recorded point and all attempts in their order; null where points were
   * replaced, and left out when no smoothing was asked for.
   */
  smooth: z.array(z.number().nullable()).optional(),
  /** What the average goes on from after the last point. */
  carry: SmoothingState.optional(),
})
export type Curve = z.output<typeof Curve>

/** The points of one step: values by `split/name`, such as `train/loss`, `val/top1`, `train/lr`. */
export const StepPoint = z.strictObject({
  step: z.number(),
  epoch: z.number(),
  wallMs: z.number(),
  values: z.record(z.string(), MetricValue),
})
export type StepPoint = z.output<typeof StepPoint>

const CheckpointPlace = z.strictObject({ id: z.string(), name: z.string(), step: z.number() })

/** Where a page of rows ended. */
export const RowPlace = z.strictObject({ attempt: z.number(), step: z.number() })

/** The values of one step of one attempt, in the order of the names; null where none was recorded. */
export const Row = z.strictObject({
  attempt: z.number(),
  step: z.number(),
  epoch: z.number(),
  wallMs: z.number(),
  isReplaced: z.boolean(),
  values: z.array(MetricValue.nullable()),
})

/** A value at a step, or the nearest before it where that step recorded none. */
export const EvidenceValue = z.strictObject({ key: z.string(), value: MetricValue, step: z.number() })

export const Evidence = z.strictObject({
  /** The recorded step nearest to the one that was asked for, of the attempt that counts. */
  step: z.number(),
  attempt: z.number(),
  epoch: z.number(),
  wallMs: z.number(),
  values: z.array(EvidenceValue),
  /** The newest checkpoint at or before the step, and the next one after it. */
  before: CheckpointPlace.nullable(),
  after: CheckpointPlace.nullable(),
  /** Lines of the log about the moment of the step. */
  lines: z.array(LogLine),
  /** Number of the line nearest to that moment. */
  lineNumber: z.number().nullable(),
  /** Steps beside it that were recorded. */
  previousStep: z.number().nullable(),
  nextStep: z.number().nullable(),
})
export type Evidence = z.output<typeof Evidence>

export const StepBatch = z.strictObject({
  /** As asked for, counted from 1. */
  step: z.number(),
  epoch: z.number(),
  /** Images in the batch; at most `limit` of them are listed. */
  total: z.number(),
  images: z.array(
    z.strictObject({
      index: z.number(),
      split: SplitName,
      label: z.number(),
      className: z.string(),
      name: z.string(),
      /** How often the image is in this batch. */
      copies: z.number(),
      thumbnailUrl: z.string(),
      imageUrl: z.string(),
    }),
  ),
})
export type StepBatch = z.output<typeof StepBatch>

export const metrics = {
  series: call(z.strictObject({ runId: Id }), z.array(SeriesInfo)),
  read: call(
    z.strictObject({
      runId: Id,
      /** `split/name`; empty for all. */
      names: z.array(z.string()).max(200).default([]),
      fromStep: z.number().nullable().default(null),
      toStep: z.number().nullable().default(null),
      maxPoints: z.int().min(10).max(20_000).default(1000),
      /** Weight of a moving average over every recorded point, in units of the densest training series; 0 for none. */
      smoothing: z.number().min(0).max(0.9999).default(0),
    }),
    z.array(Curve),
  ),
  /** Every recorded value, for files: pages of steps in rising order, attempt after attempt. */
  rows: call(
    z.strictObject({
      runId: Id,
      names: z.array(z.string()).min(1).max(50),
      /** Where the page before ended; null for the first. */
      after: RowPlace.nullable().default(null),
      limit: z.int().min(1).max(10_000).default(5000),
    }),
    z.strictObject({ rows: z.array(Row), next: RowPlace.nullable() }),
  ),
  /** What is known of one step of a run. */
  evidence: call(z.strictObject({ runId: Id, step: z.number().min(0) }), Evidence),
  /** The images that a step was trained on, worked out anew: the order is a function of seed and epoch. */
  batch: call(
    z.strictObject({ runId: Id, step: z.int().min(1), limit: z.int().min(1).max(512).default(128) }),
    StepBatch,
  ),
  onPoints: push(z.strictObject({ runId: Id, attempt: z.number(), points: z.array(StepPoint) })),
} as const
