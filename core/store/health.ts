/** Whether a store can be trusted: its integrity, the file system below it, and the copies to fall back on. */
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../errors/index.ts'
import { openDatabase, walLimitBytes, type Database } from './engine.ts'

/** File systems without the shared memory that a write-ahead log needs between processes, by statfs type. */
const networkTypes = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
])

/** Name of the network file system that holds a folder; null for a local one. */
export function networkFileSystem(folder: string): string | null {
  try {
    return networkTypes.get(statfsSync(folder).type >>> 0) ?? null
  } catch {
    return null
  }
}

/** @throws AppError store-damaged, naming what is wrong, the newest backup and the remedy. */
export function checkIntegrity(database: Database, path: string): void {
  const problem = problemOf(database)
  if (problem !== null) throw damaged(path, problem)
}

/** What is wrong with a copy of a store; null when nothing is. Reads all of it: a gigabyte takes some seconds. */
export function copyProblem(path: string): string | null {
  const database = openDatabase(path)
  try {
    return problemOf(database)
  } finally {
    database.close()
  }
}

function problemOf(database: Database): string | null {
  try {
    const found = String(database.pragma('quick_check(1)', { simple: true }))
    return found === 'ok' ? null : found
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/**
 * Notes beside a store that it was closed in order, and how it was left. A large one takes seconds to read through, which every start
 * would wait for; the copy of each day is read through as well, and that by another process.
 */
export function noteClosed(path: string): void {
  try {
    writeFileSync(closedPath(path), stateOf(path))
  } catch {
    // On a full disk there is no note, and the next start reads all.
  }
}

/** Whether a store is as it was when it was last closed in order. Once taken, the note is gone: a crash leaves none. */
export function takeClosedNote(path: string): boolean {
  const note = closedPath(path)
  try {
    const left = readFileSync(note, 'utf8')
    rmSync(note)
    return left === stateOf(path) && !existsSync(`${path}-wal`)
  } catch {
    return false
  }
}

const closedPath = (path: string): string => `${path}.closed`

function stateOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true })
  return `${size} bytes, changed at ${mtimeNs} ns\n`
}

/** The error for a store that cannot be used. Nothing is deleted or repaired without the user. */
export function damaged(path: string, problem: string): AppError {
  const backup = newestBackup(path)
  const remedy = backup
    ? `Move ${path} away and copy ${backup} in its place`
    : `Move ${path} away to begin with an empty store; checkpoints on disk are not touched`
  const message = `${path}: the experiment store is damaged (${problem}). ${remedy}`
  return new AppError('store-damaged', message, { file: path, problem, backup, remedy })
}

/** The newest copy of a store that lies beside it; null when there is none. */
export function newestBackup(path: string): string | null {
  const folder = dirname(path)
  if (!existsSync(folder)) return null
  const copies = readdirSync(folder)
    .filter(name => name === `${basename(path)}.backup` || name.startsWith(`${basename(path)}.before-v`))
    .filter(name => !name.endsWith('.part'))
    .map(name => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  return copies[0] ?? null
}

/** Folds an overgrown write-ahead log back; one that readers hold is left for the next time. @returns its size in bytes. */
export function trimWal(database: Database, path: string): number {
  const sizeBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (sizeBytes > walLimitBytes) database.pragma('wal_checkpoint(TRUNCATE)')
  return sizeBytes
}
