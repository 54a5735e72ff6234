/** Reads records of TFRecord files by number: what decode threads do all day. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { invalidFile } from '../invalidFile.ts'
import { unreadable } from '../pixels.ts'
import type { Split } from '../reader.ts'
import { pictureOf } from './example.ts'
import { MalformedMessage } from './protobuf.ts'
import { contentsMatch, largestRecord, tailBytes } from './record.ts'

/** The records of a split: [count] each. */
export interface RecordList {
  readonly labels: Int32Array
  /** Which of `shards` it lies in. */
  readonly shardOf: Int32Array
  /** Its place in that file. */
  readonly numbers: Int32Array
  /** Byte at which its contents begin: low and high half. */
  readonly offsetLow: Int32Array
  readonly offsetHigh: Int32Array
  readonly lengths: Int32Array
}

export interface OpenedShard {
  /** Path below the root. */
  readonly path: string
  /** When it was scanned. */
  readonly sizeBytes: number
}

/** Files that stay open: as many as are quickly found again, and far from any limit. */
const mostOpen = 64
/** Memory that one huge record took is not kept. */
const mostKept = 16 * 2 ** 20

/** @param root folder of the data set */
export function openRecords(
  root: string,
  shards: readonly OpenedShard[],
  list: RecordList,
): Split & { close(): void } {
  const files = new OpenFiles(root, shards)
  let memory = Buffer.allocUnsafeSlow(256 * 1024)
  const name = (at: number): string => `${shards[list.shardOf[at] as number]?.path} #${list.numbers[at]}`
  const contentsOf = (at: number, length: number): Uint8Array => {
    const offset = (list.offsetHigh[at] as number) * 2 ** 32 + ((list.offsetLow[at] as number) >>> 0)
    if (length < 0 || length > largestRecord) throw changed(name(at))
    const wanted = length + tailBytes
    if (memory.length < wanted || memory.length > mostKept)
      memory = Buffer.allocUnsafeSlow(Math.max(wanted, 2 ** 18))
    files.read(list.shardOf[at] as number, memory, wanted, offset)
    const contents = memory.subarray(0, length)
    if (!contentsMatch(contents, memory.readUInt32LE(length))) throw changed(name(at))
    return contents
  }
  const readBriefly = (at: number): { kind: 'encoded'; bytes: Uint8Array } => {
    try {
      const contents = contentsOf(at, list.lengths[at] as number)
      return { kind: 'encoded', bytes: pictureOf(contents) }
    } catch (thrown) {
      if (thrown instanceof MalformedMessage) throw changed(name(at))
      throw thrown
    }
  }
  return {
    count: list.labels.length,
    labels: list.labels,
    name,
    read: async at => ({ kind: 'encoded', bytes: Uint8Array.from(readBriefly(at).bytes) }),
    readBriefly,
    close: () => files.close(),
  }
}

function changed(name: string): ReturnType<typeof invalidFile> {
  return invalidFile(
    name,
    'a record that fails its checksum',
    'Fetch the file again and scan the data set anew',
  )
}

/** Files that are opened when they are first read; the one opened first is closed for one too many. */
class OpenFiles {
  private readonly root: string
  private readonly shards: readonly OpenedShard[]
  private readonly open = new Map<number, number>()

  constructor(root: string, shards: readonly OpenedShard[]) {
    this.root = root
    this.shards = shards
  }

  /** @throws AppError data-unreadable or data-invalid, naming the file */
  read(shard: number, target: Buffer, length: number, offset: number): void {
    const { path } = this.shards[shard] as OpenedShard
    try {
      const file = this.open.get(shard) ?? this.add(shard)
      for (let at = 0; at < length;) {
        const got = readSync(file, target, at, length - at, offset + at)
        if (got === 0) throw changedSince(path)
        at += got
      }
    } catch (thrown) {
      throw thrown instanceof Error && 'errno' in thrown ? unreadable(path, thrown) : thrown
    }
  }

  close(): void {
    for (const file of this.open.values()) closeSync(file)
    this.open.clear()
  }

  private add(shard: number): number {
    const [oldest] = this.open
    if (oldest && this.open.size >= mostOpen) {
      closeSync(oldest[1])
      this.open.delete(oldest[0])
    }
    const { path, sizeBytes } = this.shards[shard] as OpenedShard
    const file = openSync(join(this.root, path), 'r')
    this.open.set(shard, file)
    if (fstatSync(file).size !== sizeBytes) throw changedSince(path)
    return file
  }
}

function changedSince(path: string): ReturnType<typeof invalidFile> {
  return invalidFile(path, 'it has changed since it was scanned', 'Scan the data set again')
}
