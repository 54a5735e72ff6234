/** Opens the experiment store: checked, migrated, and with the settings that make it safe. One process at a time. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { alertStore, type AlertStore } from './alerts.ts'
import { attemptStore, type AttemptStore } from './attempts.ts'
import { candidateStore, type CandidateStore } from './candidates.ts'
import { checkpointStore, type CheckpointStore } from './checkpoints.ts'
import { columnStore, type ColumnStore } from './columns.ts'
import { datasetStore, type DatasetStore } from './datasets.ts'
import { configure, openDatabase, storeError, type Database } from './engine.ts'
import { evaluationStore, type EvaluationStore } from './evaluations.ts'
import { copyStore } from './copy.ts'
import { checkIntegrity, damaged, networkFileSystem, noteClosed, takeClosedNote, trimWal } from './health.ts'
import { imageEditStore, type ImageEditStore } from './imageEdits.ts'
import { logStore, type LogStore } from './logs.ts'
import { metricStore, type MetricStore } from './metrics.ts'
import { migrate, type Migration } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { runStore, type RunStore } from './runs.ts'
import { sweepStore, type SweepStore } from './sweeps.ts'
import { settingStore, type SettingStore } from './settings.ts'

export interface Store {
  readonly path: string
  /** Name of the network file system below the store; null for a local disk. */
  readonly networkFileSystem: string | null
  readonly runs: RunStore
  readonly columns: ColumnStore
  readonly attempts: AttemptStore
  readonly metrics: MetricStore
  readonly logs: LogStore
  readonly datasets: DatasetStore
  readonly imageEdits: ImageEditStore
  readonly checkpoints: CheckpointStore
  readonly candidates: CandidateStore
  readonly evaluations: EvaluationStore
  readonly settings: SettingStore
  readonly sweeps: SweepStore
  readonly alerts: AlertStore
  /** Runs `work` in one transaction. A power cut may undo it; a crash of the process may not. */
  write<T>(work: () => T): T
  /** Like `write`, but on the disk for certain when it returns. For what must survive a power cut. */
  writeDurably<T>(work: () => T): T
  /** Folds an overgrown write-ahead log back; call it now and then. @returns the log's size in bytes. */
  maintain(): number
  /**
   * Renews the copy beside the store if it is older than `maxAgeMs`, some pages at a time, so that all else goes on meanwhile.
   * @param check reads the new copy through; it takes the place of the old one only where nothing is found.
   * @returns whether it did. @throws AppError store-damaged, with what was found; disk-full, data-unreadable.
   */
  backup(maxAgeMs: number, check: (copy: string) => Promise<string | null>): Promise<boolean>
  /** Notes that it was closed in order: the next start need not read all of it. */
  close(): void
}

export interface OpenOptions {
  /** Schema to migrate to; the newest unless a test says otherwise. */
  readonly migrations?: readonly Migration[]
}

/**
 * @param path the SQLite file; made with its folder when it does not exist.
 * @throws AppError store-newer, store-damaged, disk-full or data-unreadable, each with file and remedy.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  mkdirSync(dirname(path), { recursive: true })
  const network = networkFileSystem(dirname(path))
  const database = opened(path, network === null, options.migrations ?? migrations)
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      throw storeError(thrown, path)
    }
  }
  const stores = guarded(parts(database), guard)
  const transaction = <T>(work: () => T): T =>
    guard(() => {
      try {
        return database.transaction(work).immediate()
      } catch (thrown) {
        stores.metrics.forget()
        throw thrown
      }
    })
  return {
    path,
    networkFileSystem: network,
    ...stores,
    write: transaction,
    writeDurably: work => durably(database, () => transaction(work)),
    maintain: () => guard(() => trimWal(database, path)),
    backup: (maxAgeMs, check) =>
      copyStore(database, path, maxAgeMs, check).catch((thrown: unknown) => {
        throw storeError(thrown, path)
      }),
    close() {
      if (!database.open) return
      database.close()
      noteClosed(path)
    },
  }
}

/** Every call of every part throws AppErrors alone, so that a full disk is known for one wherever it shows. */
function guarded<Parts extends object>(stores: Parts, guard: <T>(work: () => T) => T): Parts {
  const entries = Object.entries(stores).map(([name, part]) => [
    name,
    Object.fromEntries(
      Object.entries(part as Record<string, (...args: unknown[]) => unknown>).map(([call, work]) => [
        call,
        (...args: unknown[]) => guard(() => work(...args)),
      ]),
    ),
  ])
  return Object.fromEntries(entries) as Parts
}

function opened(path: string, isShared: boolean, steps: readonly Migration[]): Database {
  const existed = existsSync(path)
  const database = openDatabase(path)
  try {
    if (existed && !takeClosedNote(path)) checkIntegrity(database, path)
    configure(database, isShared)
    migrate(database, { path, migrations: steps })
    return database
  } catch (thrown) {
    database.close()
    const error = storeError(thrown, path)
    throw error.code === 'store-damaged' && error.details.remedy === undefined
      ? damaged(path, error.message)
      : error
  }
}

function parts(database: Database) {
  return {
    runs: runStore(database),
    columns: columnStore(database),
    attempts: attemptStore(database),
    metrics: metricStore(database),
    logs: logStore(database),
    datasets: datasetStore(database),
    imageEdits: imageEditStore(database),
    checkpoints: checkpointStore(database),
    candidates: candidateStore(database),
    evaluations: evaluationStore(database),
    settings: settingStore(database),
    sweeps: sweepStore(database),
    alerts: alertStore(database),
  }
}

/** SQLite takes a change of `synchronous` only outside a transaction; inside one, the outer transaction decides. */
function durably<T>(database: Database, work: () => T): T {
  if (database.inTransaction) return work()
  database.pragma('synchronous = FULL')
  try {
    return work()
  } finally {
    database.pragma('synchronous = NORMAL')
  }
}
