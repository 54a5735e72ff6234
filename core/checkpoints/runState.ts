/** What a checkpoint keeps beside the tensors: all that a run needs to go on as if it had never stopped. */
import { createHash } from 'node:crypto'
import { z } from 'zod'

const count = z.int().min(0)

export const RunState = z.object({
  format: z.literal(1),
  runId: z.string(),
  /** Steps done. */
  step: count,
  /** Steps done ÷ steps per epoch. */
  epoch: z.number(),
  /** Number of the next batch, counted over all epochs. Order and augmentation are functions of it and the seed. */
  cursor: count,
  stepsPerEpoch: z.int().min(1),
  trainImageCount: z.int().min(1),
  seed: count,
  /** SHA-256 of the data set's index. */
  indexHash: z.string(),
  /** Step after which the validation images were last evaluated; null when they never were. */
  evaluatedStep: count.nullable(),
  /** Best validation top-1 so far, from 0 to 1, and its step. */
  best: z.object({ top1: z.number(), loss: z.number().optional(), step: count }).nullable(),
  /** The figure that early stopping waits to see improved, and the step of its best; left out by versions that did not stop early. */
  patience: z.object({ figure: z.number(), step: count }).nullable().default(null),
  /** Newest figures by `split/name`; only finite ones. */
  metrics: z.record(z.string(), z.number()),
  /** Steps in a row whose loss or gradients were not finite, and roll-backs since the last good checkpoint. */
  nonFinite: z.object({ inARow: count, rollBacks: count }),
  /** Factor of the gradients in the network, and what decides when it changes. Left out by versions before mixed precision. */
  lossScale: z
    .object({ scale: z.number().positive(), cleanSteps: count, overflows: count })
    .default({ scale: 1, cleanSteps: 0, overflows: 0 }),
  /** Time spent training over all attempts. */
  elapsedMs: z.number().min(0),
  /** The complete configuration. */
  config: z.record(z.string(), z.unknown()),
  configHash: z.string(),
  codeVersion: z.string(),
  /** What decoded the images; left out where the data set holds pixels, and by versions that knew one decoder only. */
  imageDecoder: z.string().optional(),
  classes: z.array(z.string()),
  /** [H, W, C] */
  inputShape: z.tuple([count, count, count]),
})
export type RunState = z.output<typeof RunState>

/** SHA-256 of a configuration, whatever the order of its keys. */
export function configHash(config: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(config)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]))
}
