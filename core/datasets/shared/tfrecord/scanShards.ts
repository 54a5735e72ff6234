/** Scans all files of a set, split by split. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problems } from '../problems.ts'
import type { ScanWatcher, SplitName } from '../reader.ts'
import type { Shard } from './findShards.ts'
import { headBytes } from './record.ts'
import type { OpenedShard, RecordList } from './openShards.ts'
import { scanShard, type FoundRecord, type ScannedShard } from './scanShard.ts'

export interface ScannedSplit {
  readonly name: SplitName
  readonly files: readonly OpenedShard[]
  readonly records: readonly (FoundRecord & { readonly shard: number })[]
}

/** Records and what they call the classes of their labels. */
export interface ScannedShards {
  /** Those that have records. */
  readonly splits: readonly ScannedSplit[]
  readonly told: ReadonlyMap<number, { readonly text: string; readonly synset: string }>
  readonly imageSize: ScannedShard['imageSize']
}

/** @throws AppError data-unreadable, cancelled */
export async function scanShards(
  root: string,
  shards: readonly Shard[],
  problems: Problems,
  watcher: ScanWatcher,
): Promise<ScannedShards> {
  const sizes = await Promise.all(
    shards.map(({ path }) =>
      stat(join(root, path)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
  let readBytes = 0
  const read = (bytes: number): void => {
    readBytes += bytes
    watcher.progress('Reading records (MB)', toMegabytes(readBytes), toMegabytes(totalBytes))
  }
  const splits = new Map<SplitName, { files: OpenedShard[]; records: (FoundRecord & { shard: number })[] }>()
  const told = new Map<number, { text: string; synset: string }>()
  let imageSize: ScannedShard['imageSize'] = null
  for (const { path, split } of shards) {
    const found = await scanShard(join(root, path), path, problems, watcher, read)
    imageSize ??= found.imageSize
    const into = splits.get(split) ?? { files: [], records: [] }
    splits.set(split, into)
    const shard = into.files.push({ path, sizeBytes: found.sizeBytes }) - 1
    for (const { label, text, synset, ...record } of found.records) {
      tell(told, label, text, synset, path, problems)
      into.records.push({ ...record, label, text: '', synset: '', shard })
    }
  }
  return {
    splits: [...splits]
      .map(([name, split]) => ({ name, ...split }))
      .filter(({ records }) => records.length > 0),
    told,
    imageSize,
  }
}

/** The records whose label is a class, with classes for labels. Others are told and left out. */
export function labelledRecords(
  { records, files }: ScannedSplit,
  offset: number,
  classCount: number,
  problems: Problems,
): RecordList {
  const kept = records.filter(({ label, shard, number, offset: at }) => {
    if (label >= offset && label < classCount + offset) return true
    const what =
      offset === 1 && label === 0 ? 'label 0 is the background' : `label ${label} is outside the classes`
    const expected = `expected ${offset} to ${classCount + offset - 1}`
    problems.add(
      files[shard]?.path ?? '',
      `record ${number} at byte ${at - headBytes}: ${what}: ${expected}; left out`,
    )
    return false
  })
  return {
    labels: Int32Array.from(kept, ({ label }) => label - offset),
    shardOf: Int32Array.from(kept, ({ shard }) => shard),
    numbers: Int32Array.from(kept, ({ number }) => number),
    offsetLow: Int32Array.from(kept, record => record.offset | 0),
    offsetHigh: Int32Array.from(kept, record => Math.floor(record.offset / 2 ** 32)),
    lengths: Int32Array.from(kept, ({ length }) => length),
  }
}

/** Keeps what a label was first called, and tells of a label that means two things. */
function tell(
  told: Map<number, { text: string; synset: string }>,
  label: number,
  text: string,
  synset: string,
  path: string,
  problems: Problems,
): void {
  const known = told.get(label)
  if (!known) told.set(label, { text, synset })
  else if (known.text !== text || known.synset !== synset) {
    const call = (one: { text: string; synset: string }): string => one.synset || one.text
    if (call(known) !== call({ text, synset }))
      problems.add(
        path,
        `label ${label} is '${call({ text, synset })}' here and '${call(known)}' elsewhere; taken as one class`,
      )
  }
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
