/** Curves: every point stays on disk; what a chart asks for is a min/max envelope of at most `maxPoints` buckets. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { Id } from './values.ts'

export const SeriesInfo = z.strictObject({
  name: z.string(),
  split: z.enum(['train', 'val', 'system']),
  unit: z.string(),
  pointCount: z.number(),
})
export type SeriesInfo = z.output<typeof SeriesInfo>

/** A non-finite value travels as a string, as JSON has none. */
export const MetricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])

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
    }),
    z.array(Curve),
  ),
  onPoints: push(z.strictObject({ runId: Id, attempt: z.number(), points: z.array(StepPoint) })),
} as const
