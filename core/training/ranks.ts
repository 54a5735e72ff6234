/** What the ranks of a run agree on. Each function is called by all of them, at the same point of the loop. */
import type { Part } from '../data/index.ts'
import { AppError } from '../errors/index.ts'
import type { ClassificationFigures } from '../evaluation/classification.ts'
import { unevenBatch, type RunConfig } from '../experiment/index.ts'
import type { Collective, Interruption } from './ports.ts'

/** The weakest wish first: a stop is more than a pause, and what ends the process more than either. */
const wishes: readonly Interruption[] = ['pause', 'host-lost', 'interrupt', 'terminate', 'stop']

/** Which part of each batch is this rank's. */
export function partOf(collective: Collective | null): Part {
  return collective === null ? { index: 0, count: 1 } : { index: collective.rank, count: collective.world }
}

/** The configuration with this rank's share of the decode threads, of which one machine has so many for all its ranks. */
export function ownThreads(collective: Collective | null, config: RunConfig): RunConfig {
  const { data } = config
  const decodeThreads = Math.ceil(data.decodeThreads / (collective?.localWorld ?? 1))
  return { ...config, data: { ...data, decodeThreads } }
}

/** Whether this rank reports and saves. */
export function isLead(collective: Collective | null): boolean {
  return collective === null || collective.rank === 0
}

/** The strongest wish of any rank, so that all end after the same step. */
export async function agreedInterruption(
  collective: Collective | null,
  own: Interruption | null,
): Promise<Interruption | null> {
  if (collective === null) return own
  const counts = await collective.sum(wishes.map(wish => (wish === own ? 1 : 0)))
  return wishes.findLast((_, at) => counts[at]! > 0) ?? null
}

/** Each rank's figures of its own images as those of all; null when one of the ranks was interrupted. */
export async function combined(
  collective: Collective | null,
  own: ClassificationFigures | null,
): Promise<Pick<ClassificationFigures, 'loss' | 'top1' | 'top5'> | null> {
  if (collective === null) return own
  const count = own?.imageCount ?? 0
  const total = (value: number | undefined): number => (count === 0 ? 0 : value! * count)
  const [interrupted, images, loss, top1, top5] = await collective.sum([
    own === null ? 1 : 0,
    ...[count, total(own?.loss), total(own?.top1), total(own?.top5)],
  ])
  if (interrupted! > 0) return null
  // Counts of images, which were rounded as fractions.
  const share = (sum: number): number => Math.round(sum) / images!
  return { loss: loss! / images!, top1: share(top1!), top5: share(top5!) }
}

/** Rank 0's value, as JSON. */
export async function shared<Value>(collective: Collective | null, value: Value): Promise<Value> {
  if (collective === null) return value
  const text = await collective.share(collective.rank === 0 ? JSON.stringify(value) : null)
  return JSON.parse(text) as Value
}

/** @throws AppError invalid-config when a batch does not part evenly among ranks that were started from outside. */
export function checkBatchSize(collective: Collective | null, { training: { batchSize } }: RunConfig): void {
  const { world } = collective ?? { world: 1 }
  const uneven = unevenBatch(batchSize, world, `${world}, the number of ranks`)
  if (uneven === null) return
  const details = { field: 'training.batchSize', value: batchSize }
  throw new AppError('invalid-config', `training.batchSize: ${uneven}`, details)
}

/** @throws AppError data-invalid when this rank does not see the data set that rank 0 sees. */
export async function checkSameData(
  collective: Collective | null,
  seen: { readonly path: string; readonly indexHash: string },
): Promise<void> {
  const first = await shared(collective, seen)
  if (collective === null || first.indexHash === seen.indexHash) return
  const message = `${seen.path}: rank ${collective.rank} finds other images there than rank 0. All ranks need the same data set at the same path`
  throw new AppError('data-invalid', message, { path: seen.path, rank: collective.rank })
}
