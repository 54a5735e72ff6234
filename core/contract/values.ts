/** Values that several groups share. */
import { z } from 'zod'

export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected an id: lower-case letters, digits, hyphens')
export const SplitName = z.enum(['train', 'val', 'test', 'query', 'gallery'])
export type SplitName = z.output<typeof SplitName>

/** One image: of a data set, or one that the user brought (see main/uploads.ts). */
export const ImageRef = z.union([
  z.strictObject({ datasetId: Id, split: SplitName, index: z.int().min(0) }),
  z.strictObject({ uploadId: Id }),
])
export type ImageRef = z.output<typeof ImageRef>

/** An error as a stored field. */
export const Failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
})
export type Failure = z.output<typeof Failure>

/** Work in progress. `total` 0 means not yet known; `etaMs` null likewise. */
export const Progress = z.strictObject({
  phase: z.string(),
  done: z.number(),
  total: z.number(),
  etaMs: z.number().nullable(),
})
export type Progress = z.output<typeof Progress>

export const Empty = z.strictObject({})
