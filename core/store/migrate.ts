/** Brings a store to the newest schema: all steps in one transaction, a backup first, never backwards. */
import { renameSync, rmSync } from 'node:fs'
import { AppError } from '../errors/index.ts'
import { syncFile } from './copy.ts'
import type { Database } from './engine.ts'

/** One step of the schema. Its place in the list is the `user_version` it leads to. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export interface MigrateOptions {
  readonly path: string
  readonly migrations: readonly Migration[]
}

/** The copy that is made before a store of an older version is changed. */
export function backupPath(path: string, version: number): string {
  return `${path}.before-v${version}`
}

/**
 * @returns the version the store had.
 * @throws AppError store-newer when a newer workbench wrote the store; it is left as it is.
 */
export function migrate(database: Database, { path, migrations }: MigrateOptions): number {
  const before = versionOf(database)
  refuseNewer(before, migrations.length, path)
  if (before === migrations.length) return before
  if (before > 0) writeBackup(database, backupPath(path, before))
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have migrated between the first look and the lock.
    const locked = versionOf(database)
    for (const migration of migrations.slice(locked)) database.exec(migration.sql)
    database.pragma(`user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (thrown) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw thrown
  }
  return before
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function refuseNewer(version: number, newest: number, path: string): void {
  if (version <= newest) return
  const message =
    `${path}: this store was written by a newer workbench (schema ${version}; this one knows ${newest}). ` +
    'Update the workbench, or set MULTIGRAIN_HOME to another folder'
  throw new AppError('store-newer', message, { file: path, value: version, expected: newest })
}

/** A consistent copy under a temporary name first, so that half a copy never passes for a backup. */
function writeBackup(database: Database, target: string): void {
  const temporary = `${target}.part`
  rmSync(temporary, { force: true })
  try {
    database.prepare('VACUUM INTO ?').run(temporary)
    syncFile(temporary)
  } catch (thrown) {
    // On a disk that is full, half a copy would take the space that the store itself needs.
    rmSync(temporary, { force: true })
    throw thrown
  }
  renameSync(temporary, target)
}
