/**
 * Work that someone started and waits for: exports, packing, searches. A call of another group starts it and gives its id. Jobs live
 * as long as the host; what they made stays.
 */
import { z } from 'zod'
import { call, push } from './define.ts'
import { Empty, Failure, Id, Progress } from './values.ts'

export const Job = z.strictObject({
  id: Id,
  /** What it does, such as `export`. */
  kind: z.string(),
  /** For people: what it works on. */
  title: z.string(),
  status: z.enum(['running', 'finished', 'failed', 'cancelled']),
  progress: Progress.nullable(),
  /** What it gave, by its kind; null until it has finished. */
  result: z.unknown(),
  error: Failure.nullable(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
})
export type Job = z.output<typeof Job>

const ById = z.strictObject({ id: Id })

/** What a call that starts a job gives. */
export const StartedJob = ById

export const jobs = {
  /** Newest first. */
  list: call(Empty, z.array(Job)),
  get: call(ById, Job),
  cancel: call(ById, Empty),
  onChanged: push(Job),
} as const
