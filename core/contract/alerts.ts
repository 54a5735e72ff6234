/** Rules about running training, and what they found. The host watches, whether anybody looks or not. */
import { z } from 'zod'
import { call, push } from './define.ts'
import { MetricValue } from './metrics.ts'
import { Empty, Id } from './values.ts'

export const AlertKind = z.enum([
  /** The metric is above, or below, the limit. */
  'above',
  'below',
  /** The metric, or any where none is named, is NaN or infinite. */
  'not-finite',
  /** No step, and no other progress, for `limit` minutes. */
  'no-progress',
  /** The metric has not been better than before for `limit` steps. */
  'no-improvement',
])
export type AlertKind = z.output<typeof AlertKind>

const ruleFields = {
  kind: AlertKind,
  /** Full name of the series, such as `train/loss`; empty for any, or where the kind needs none. */
  metric: z.string().max(200),
  limit: z.number(),
  isOn: z.boolean(),
}
export const AlertRule = z.strictObject({ id: Id, ...ruleFields })
export type AlertRule = z.output<typeof AlertRule>

export const Alert = z.strictObject({
  id: Id,
  kind: AlertKind,
  metric: z.string(),
  limit: z.number(),
  runId: z.string(),
  runName: z.string(),
  /** The value that broke the rule; of `no-improvement` the best one; null where there is none. */
  value: MetricValue.nullable(),
  step: z.number(),
  wallMs: z.number(),
  isSeen: z.boolean(),
})
export type Alert = z.output<typeof Alert>

export const alerts = {
  rules: call(Empty, z.array(AlertRule)),
  /** Makes a rule, or changes the one whose id is given. */
  setRule: call(z.strictObject({ id: Id.nullable().default(null), ...ruleFields }), AlertRule),
  removeRule: call(z.strictObject({ id: Id }), Empty),
  /** What was found, newest first; of runs that were deleted for good nothing is kept. */
  list: call(
    z.strictObject({ runId: Id.nullable().default(null), limit: z.int().min(1).max(500).default(100) }),
    z.array(Alert),
  ),
  /** All that there is has been seen. */
  markSeen: call(Empty, Empty),
  onAlert: push(Alert),
  onRulesChanged: push(Empty),
} as const
