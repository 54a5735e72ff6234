/** Opens a SQLite file with the settings every connection needs, and translates the driver's errors. */
import { createRequire } from 'node:module'
import type SqliteDatabase from 'better-sqlite3'
import { AppError } from '../errors/index.ts'

export type Database = SqliteDatabase.Database

const require = createRequire(import.meta.url)

/** The least Node-API version that the driver's binary needs. An older Node crashes without a word when it loads it. */
const leastNapi = 10

/**
 * Opens or creates a database file.
 * @param path the file, or ':memory:'.
 * @throws AppError internal when this Node is too old to load the driver, store-damaged when the file is no database.
 */
export function openDatabase(path: string, options: { readonly busyTimeoutMs?: number } = {}): Database {
  const Driver = loadDriver()
  try {
    return new Driver(path, { timeout: options.busyTimeoutMs ?? 5000 })
  } catch (thrown) {
    throw storeError(thrown, path)
  }
}

/** Write-ahead log and the settings that a connection forgets when it closes. */
export function configure(database: Database, isShared: boolean): void {
  if (!isShared) database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.pragma('foreign_keys = ON')
  database.pragma('temp_store = MEMORY')
  database.pragma('cache_size = -16000')
  database.pragma(`journal_size_limit = ${walLimitBytes}`)
}

/** Size above which the write-ahead log is folded back into the database. */
export const walLimitBytes = 64 * 1024 * 1024

/** An AppError for whatever SQLite threw, naming the file and the remedy. */
export function storeError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new AppError(
      'store-damaged',
      `${path}: the experiment store is damaged: ${reason}`,
      { file: path },
      thrown,
    )
  }
  if (code === 'SQLITE_FULL' || reason.includes('ENOSPC') || reason.includes('disk is full')) {
    const message = `${path}: no space left on the disk of the experiment store. Free some space there`
    return new AppError('disk-full', message, { file: path }, thrown)
  }
  if (
    code.startsWith('SQLITE_IOERR') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_READONLY')
  ) {
    const message = `${path}: cannot read or write the experiment store: ${reason}. Check the disk and the permissions`
    return new AppError('data-unreadable', message, { file: path, errno: code }, thrown)
  }
  return AppError.from(thrown, path)
}

function loadDriver(): typeof SqliteDatabase {
  const napi = Number(process.versions.napi ?? 0)
  if (napi < leastNapi) {
    const message =
      `The experiment store needs Node 22.12 or newer (Node-API ${leastNapi}); this is Node ${process.versions.node} ` +
      `(Node-API ${napi}). Start the workbench with 'npm start', which brings its own Node`
    throw new AppError('internal', message, { expected: `Node-API ${leastNapi}`, value: napi })
  }
  return require('better-sqlite3') as typeof SqliteDatabase
}
