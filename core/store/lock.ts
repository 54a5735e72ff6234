/**
 * One host per data folder. The lock is SQLite's own on an empty file, held open in an exclusive transaction: the operating
 * system lets go of it when the process ends, however it ends, so that there is never a stale lock to remove by hand.
 */
import { AppError } from '../errors/index.ts'
import { openDatabase, storeError } from './engine.ts'

export interface StoreLock {
  release(): void
}

/** Who holds the lock, as far as is known. */
export interface LockHolder {
  readonly pid: number
  readonly address: string | null
}

/**
 * Takes the lock at once or fails.
 * @param path the lock file.
 * @param holder reads who holds it, for the message.
 * @throws AppError store-in-use that names the holder and the remedy.
 */
export function lockStore(path: string, holder: () => LockHolder | null): StoreLock {
  const database = openDatabase(path, { busyTimeoutMs: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    database.close()
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    if (code.startsWith('SQLITE_BUSY')) throw storeInUse(path, holder())
    throw storeError(thrown, path)
  }
  return { release: () => void database.close() }
}

function storeInUse(path: string, holder: LockHolder | null): AppError {
  const who = holder
    ? `process ${holder.pid}${holder.address ? ` at ${holder.address}` : ''}`
    : 'another process'
  const remedy = holder?.address
    ? `Open ${holder.address} instead, end that process, or set MULTIGRAIN_HOME to another folder`
    : 'Wait for it, end it, or set MULTIGRAIN_HOME to another folder'
  const message = `${path}: ${who} already uses this experiment store. ${remedy}`
  return new AppError('store-in-use', message, {
    file: path,
    pid: holder?.pid,
    address: holder?.address,
    remedy,
  })
}
