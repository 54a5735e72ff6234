/** What a packing has done so far, so that an interrupted one goes on: `pack.json` beside the files. */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { AppError } from '../../errors/index.ts'
import { writeWhole } from '../writeWhole.ts'
import type { WrittenShard } from './types.ts'

export const journalName = 'pack.json'
export const labelsName = 'labels.txt'
const format = 'multigrain-pack-1'

/** All that decides what the files hold. */
export type PackIdentity = Readonly<Record<string, unknown>>

interface Stored {
  readonly format: string
  readonly identity: PackIdentity
  readonly isComplete: boolean
  readonly shards: readonly WrittenShard[]
}

/**
 * Opens the folder: an empty or new one, or one in which the same packing was interrupted.
 * @returns the files that are there already, whole and unchanged.
 * @throws AppError conflict when something else lies there.
 */
export async function openJournal(out: string, identity: PackIdentity): Promise<WrittenShard[]> {
  await mkdir(out, { recursive: true })
  const names = await readdir(out)
  if (names.length === 0) return []
  const stored = await read(out, names)
  const differs = differenceOf(stored.identity, identity)
  if (differs !== null)
    throw new AppError(
      'conflict',
      `${out}: it holds files that were packed differently: ${differs}. Choose another folder, or remove it`,
      { file: out, field: 'out' },
    )
  const kept: WrittenShard[] = []
  for (const shard of stored.shards) if (await isWhole(join(out, shard.file), shard)) kept.push(shard)
  // What a process that died was writing.
  for (const name of names) if (name.endsWith('.part')) await rm(join(out, name), { force: true })
  return kept
}

export async function writeJournal(
  out: string,
  identity: PackIdentity,
  shards: readonly WrittenShard[],
  isComplete: boolean,
): Promise<void> {
  const sorted = shards.toSorted((one, other) => (one.file < other.file ? -1 : 1))
  const stored: Stored = { format, identity, isComplete, shards: sorted }
  await writeWhole(join(out, journalName), Buffer.from(`${JSON.stringify(stored, null, 1)}\n`))
}

async function read(out: string, names: readonly string[]): Promise<Stored> {
  try {
    const stored = JSON.parse(await readFile(join(out, journalName), 'utf8')) as Stored
    if (stored.format === format && Array.isArray(stored.shards)) return stored
  } catch {
    // told below
  }
  const shown = names.slice(0, 5).join(', ')
  throw new AppError(
    'conflict',
    `${out}: expected an empty folder or one of an interrupted packing, found ${shown}. Choose another folder`,
    { file: out, field: 'out', found: names.slice(0, 100) },
  )
}

function differenceOf(before: PackIdentity, now: PackIdentity): string | null {
  for (const key of Object.keys(now)) {
    const [was, is] = [before[key], now[key]].map(value => JSON.stringify(value) ?? 'not given')
    if (was !== is) return `${key} was ${was} and is ${is} now`
  }
  return null
}

async function isWhole(path: string, shard: WrittenShard): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (found?.size !== shard.sizeBytes) return false
  let crc = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }))
    crc = crc32(chunk as Buffer, crc)
  return crc === shard.crc32
}
