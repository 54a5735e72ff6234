/** Which image goes into which file: a function of the data set and the options alone. */
import type { OpenDataset, Split, SplitName } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import { permutation } from '../random.ts'
import { toExample } from './toExample.ts'
import type { PackOptions, PlannedShard } from './types.ts'

/** About what a file is made to hold. */
const shardBytes = 128 * 2 ** 20
/** Images looked at to know how large the files will be. */
const sampled = 48
const splitNames: readonly SplitName[] = ['train', 'val', 'test', 'query', 'gallery']
/** slim's names. */
const fileNames: Readonly<Record<SplitName, string>> = {
  train: 'train',
  val: 'validation',
  test: 'test',
  query: 'query',
  gallery: 'gallery',
}

export interface PackPlan {
  readonly shards: readonly PlannedShard[]
  readonly imageCount: number
  /** Estimate of what all files take. */
  readonly totalBytes: number
}

/** @throws AppError not-found, invalid-request */
export async function planPack(dataset: OpenDataset, options: PackOptions): Promise<PackPlan> {
  const chosen = choose(dataset, options.splits)
  const sizes = await Promise.all(chosen.map(({ split }) => meanBytes(dataset, split, options)))
  const largest = Math.max(...chosen.map(({ split }) => split.count))
  let totalBytes = 0
  const shards = chosen.flatMap(({ name, split }, at) => {
    const bytes = (sizes[at] as number) * split.count
    totalBytes += bytes
    const wanted =
      options.shards === undefined ? bytes / shardBytes : (options.shards * split.count) / largest
    const count = Math.min(Math.max(1, Math.round(wanted)), split.count)
    return Array.from({ length: count }, (_, number) => ({
      split: name,
      file: `${fileNames[name]}-${padded(number)}-of-${padded(count)}`,
      from: Math.floor((number * split.count) / count),
      to: Math.floor(((number + 1) * split.count) / count),
    }))
  })
  return { shards, imageCount: chosen.reduce((sum, { split }) => sum + split.count, 0), totalBytes }
}

/** Images of a file in their order. [to − from] */
export function imagesOf({ from, to }: PlannedShard, count: number, seed: number): Int32Array {
  return permutation(seed, 0, count).subarray(from, to)
}

function choose(
  dataset: OpenDataset,
  wanted: readonly SplitName[] | undefined,
): { name: SplitName; split: Split }[] {
  const known = splitNames.filter(name => (dataset.splits[name]?.count ?? 0) > 0)
  const missing = wanted?.find(name => !known.includes(name))
  if (missing !== undefined)
    throw new AppError(
      'not-found',
      `split: the data set has no images in '${missing}'. It has: ${known.join(', ')}`,
      {
        field: 'split',
        value: missing,
        known,
      },
    )
  const names =
    wanted === undefined || wanted.length === 0 ? known : known.filter(name => wanted.includes(name))
  return names.map(name => ({ name, split: dataset.splits[name] as Split }))
}

async function meanBytes(dataset: OpenDataset, split: Split, options: PackOptions): Promise<number> {
  const count = Math.min(sampled, split.count)
  let sum = 0
  let used = 0
  for (let at = 0; at < count; at++) {
    const index = Math.floor((at * split.count) / count)
    try {
      const className = dataset.classes[split.labels[index] as number] ?? ''
      sum += (await toExample(await split.read(index), '', 0, className, options)).image.length + 300
      used++
    } catch {
      // Writing it will tell.
    }
  }
  return used === 0 ? 0 : sum / used
}

function padded(number: number): string {
  return String(number).padStart(5, '0')
}
