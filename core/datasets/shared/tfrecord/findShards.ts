/** Finds the TFRecord files of a folder, and tells which of a numbered set are missing. */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listFolder } from '../pixels.ts'
import type { Problems } from '../problems.ts'
import type { SplitName } from '../reader.ts'
import { parseShardName, splitOf, type ShardName } from './shardNames.ts'
import { headBytes, readHead } from './record.ts'

export interface Shard extends ShardName {
  /** Path below the root, with slashes. */
  readonly path: string
}

const splitOrder: readonly SplitName[] = ['train', 'val', 'test', 'query', 'gallery']
const shownMissing = 5

/** Files in the folder itself, or else in folders named after splits. Sorted by split, then name. @throws AppError data-unreadable */
export async function findShards(root: string): Promise<Shard[]> {
  const names = await listFolder(root)
  const here = shardsAmong(names, '')
  const shards = here.length > 0 ? here : await below(root, names)
  const order = (shard: Shard): number => splitOrder.indexOf(shard.split)
  return shards.sort((one, other) => order(one) - order(other) || (one.path < other.path ? -1 : 1))
}

/** Whether a file begins as a TFRecord does; an empty one does not. */
export async function beginsAsRecord(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null)
  try {
    const head = Buffer.alloc(headBytes)
    const { bytesRead } = (await file?.read(head, 0, headBytes, 0)) ?? { bytesRead: 0 }
    return bytesRead === headBytes && 'length' in readHead(head, 0, Infinity)
  } catch {
    return false // a folder, or a disk that fails
  } finally {
    await file?.close()
  }
}

/** Tells of files that a numbered set lacks, and of sets that may hold the same images twice. */
export function tellMissing(shards: readonly Shard[], problems: Problems): void {
  const sets = Map.groupBy(
    shards.filter(({ place }) => place),
    ({ stem, place }) => `${stem}-*-of-${String(place?.of).padStart(5, '0')}`,
  )
  for (const [pattern, set] of sets) {
    const { of } = set[0]!.place!
    const there = new Set(set.map(({ place }) => place!.at))
    const missing: number[] = []
    for (let at = 0; at < of; at++) if (!there.has(at)) missing.push(at)
    if (missing.length === 0) continue
    const shown = missing.slice(0, shownMissing).map(at => String(at).padStart(5, '0'))
    const more = missing.length > shownMissing ? `, and ${missing.length - shownMissing} more` : ''
    problems.add(
      pattern,
      `${missing.length} of ${of} files are missing: ${shown.join(', ')}${more}; read without them`,
    )
  }
  const bySplit = Map.groupBy([...sets], ([, set]) => set[0]!.split)
  for (const [split, patterns] of bySplit) {
    if (patterns.length < 2) continue
    const names = patterns.map(([pattern]) => pattern).join(' and ')
    problems.add(
      '',
      `${names} are all taken as ${split}: images may be there twice. Keep one set to a folder`,
    )
  }
}

function shardsAmong(names: readonly string[], folder: string): Shard[] {
  return names.flatMap(name => {
    const parsed = parseShardName(name, folder)
    return parsed ? [{ ...parsed, path: folder === '' ? name : `${folder}/${name}` }] : []
  })
}

async function below(root: string, names: readonly string[]): Promise<Shard[]> {
  const found: Shard[] = []
  for (const folder of [...names].sort()) {
    if (splitOf(folder, '') === 'train' && !/train/i.test(folder)) continue
    const inner = await readdir(join(root, folder)).catch((): string[] => [])
    found.push(...shardsAmong(inner, folder))
  }
  return found
}
