/** Runs: one narrow summary row each, their queue, and the life of a deleted one. */
import type { Run, RunStatus, RunSummary } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { columnStore } from './columns.ts'
import type { Database } from './engine.ts'
import { column, json, updater } from './rows.ts'

export interface NewRun {
  readonly id: string
  readonly name: string
  readonly datasetId: string
  readonly datasetName: string
  readonly model: string
  readonly backend: string
  readonly totalEpochs: number
  readonly config: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly tags?: readonly string[]
  /** Sweep that it is one of. */
  readonly groupId?: string | null
}

/** What may change in a run's summary. */
export type RunChanges = Partial<
  Omit<RunSummary, 'id' | 'queuePosition' | 'progress' | 'createdAt' | 'datasetId'>
>

/** A summary as it is stored: what the trainer does now is not. */
export type StoredRun = Omit<RunSummary, 'progress'>

export interface RunStore {
  /** Puts a run at the end of the queue. */
  create(run: NewRun): void
  /** Newest first. */
  list(deleted: boolean): StoredRun[]
  /** @throws AppError not-found */
  get(id: string): StoredRun
  details(id: string): Pick<Run, 'config' | 'notes'>
  /** The key that other tables know a run by. @throws AppError not-found */
  number(id: string): number
  withStatus(statuses: readonly RunStatus[]): StoredRun[]
  change(id: string, changes: RunChanges): void
  /** Keeps the highest validation top-1. */
  raiseBest(id: string, top1: number): void
  annotate(id: string, notes: string): void
  /** Changes the configuration of a run that does not train. */
  reconfigure(id: string, config: Readonly<Record<string, unknown>>): void
  /** Ids of the queue, first first. */
  queue(): string[]
  enqueue(id: string): void
  dequeue(id: string): void
  /** @param position counted from 1; beyond the end means last. */
  move(id: string, position: number): void
  /**
   * Forgets a run and everything of it, at most so many rows at a call, so that nothing waits long for a run of many steps.
   * @returns whether nothing is left; call it again until then.
   */
  purge(id: string, mostRows?: number): boolean
}

const changeable = [
  ...['name', 'status', 'datasetName', 'model', 'backend', 'step', 'totalSteps', 'epoch', 'totalEpochs'],
  ...['imagesPerSecond', 'trainLoss', 'valLoss', 'top1', 'top5', 'bestTop1', 'error'],
  ...['startedAt', 'endedAt', 'elapsedMs', 'deletedAt', 'tags', 'isStarred', 'archivedAt', 'groupId'],
]

const summaryColumns = ['id', 'datasetId', 'queuePosition', 'createdAt', ...changeable]
  .map(field => `${column(field)} AS ${field}`)
  .join(', ')

export function runStore(database: Database): RunStore {
  const list = database.prepare(
    `SELECT ${summaryColumns} FROM runs WHERE (deleted_at IS NOT NULL) = ? ORDER BY number DESC`,
  )
  const get = database.prepare(`SELECT ${summaryColumns} FROM runs WHERE id = ?`)
  const byStatus = database.prepare(`SELECT ${summaryColumns} FROM runs WHERE status = ? ORDER BY number`)
  const numberOf = database.prepare('SELECT number FROM runs WHERE id = ?').pluck()
  const details = database.prepare('SELECT config, notes FROM run_details WHERE run = ?')
  const annotate = database.prepare('UPDATE run_details SET notes = ? WHERE run = ?')
  const columns = columnStore(database)
  const reconfigure = database.prepare('UPDATE run_details SET config = ? WHERE run = ?')
  const raise = database.prepare('UPDATE runs SET best_top1 = max(coalesce(best_top1, 0), ?) WHERE id = ?')
  const update = updater(database, 'runs', 'id', changeable)
  const queue = queueOf(database)

  const number = (id: string): number => {
    const found = numberOf.get(id) as number | undefined
    if (found === undefined) throw unknownRun(id)
    return found
  }
  return {
    create: creator(database, queue.enqueue),
    list: deleted => (list.all(deleted ? 1 : 0) as RunRow[]).map(fromRow),
    get(id) {
      const row = get.get(id) as RunRow | undefined
      if (!row) throw unknownRun(id)
      return fromRow(row)
    },
    details(id) {
      const row = details.get(number(id)) as { config: string; notes: string }
      return { config: json(row.config, `configuration of run ${id}`), notes: row.notes }
    },
    number,
    withStatus: statuses => statuses.flatMap(status => (byStatus.all(status) as RunRow[]).map(fromRow)),
    change: update,
    raiseBest: (id, top1) => void raise.run(top1, id),
    reconfigure(id, config) {
      reconfigure.run(JSON.stringify(config), number(id))
      columns.save(number(id), config)
    },
    annotate: (id, notes) => void annotate.run(notes, number(id)),
    ...queue,
    purge: (id, mostRows = Infinity) => purge(database, number(id), mostRows),
  }
}

type RunRow = Omit<StoredRun, 'error' | 'tags' | 'isStarred'> & {
  error: string | null
  tags: string
  isStarred: number
}

function fromRow(row: RunRow): StoredRun {
  return {
    ...row,
    error: row.error === null ? null : json(row.error, `error of run ${row.id}`),
    tags: row.tags === '[]' ? [] : json(row.tags, `tags of run ${row.id}`),
    isStarred: row.isStarred === 1,
  }
}

function unknownRun(id: string): AppError {
  return new AppError('not-found', `There is no run '${id}'`, { field: 'id', value: id })
}

function creator(database: Database, enqueue: (id: string) => void) {
  const insert = database.prepare(
    `INSERT INTO runs (id, name, status, dataset_id, dataset_name, model, backend, total_epochs, created_at, tags,
       group_id)
     VALUES (@id, @name, 'queued', @datasetId, @datasetName, @model, @backend, @totalEpochs, @createdAt, @tags, @groupId)`,
  )
  const insertDetails = database.prepare('INSERT INTO run_details (run, config) VALUES (?, ?)')
  const columns = columnStore(database)
  return database.transaction((run: NewRun) => {
    const { config, tags = [], groupId = null, ...row } = run
    const { lastInsertRowid } = insert.run({ ...row, tags: JSON.stringify(tags), groupId })
    insertDetails.run(lastInsertRowid, JSON.stringify(config))
    columns.save(Number(lastInsertRowid), config)
    enqueue(run.id)
  })
}

function queueOf(database: Database): Pick<RunStore, 'queue' | 'enqueue' | 'dequeue' | 'move'> {
  const ids = database
    .prepare('SELECT id FROM runs WHERE queue_position IS NOT NULL ORDER BY queue_position')
    .pluck()
  const placeOf = database.prepare('SELECT queue_position FROM runs WHERE id = ?').pluck()
  const last = database
    .prepare('SELECT coalesce(max(queue_position), 0) FROM runs WHERE queue_position IS NOT NULL')
    .pluck()
  const place = database.prepare('UPDATE runs SET queue_position = ? WHERE id = ?')
  const shift = database.prepare(
    'UPDATE runs SET queue_position = queue_position + ? WHERE queue_position IS NOT NULL AND queue_position >= ?',
  )
  const dequeue = database.transaction((id: string) => {
    const position = placeOf.get(id) as number | null
    if (position === null) return
    place.run(null, id)
    shift.run(-1, position)
  })
  const enqueue = database.transaction((id: string) => {
    dequeue(id)
    place.run((last.get() as number) + 1, id)
  })
  const move = database.transaction((id: string, position: number) => {
    dequeue(id)
    const target = Math.min(position, (last.get() as number) + 1)
    shift.run(1, target)
    place.run(target, id)
  })
  return { queue: () => ids.all() as string[], enqueue, dequeue, move }
}

/**
 * Metric tables have no foreign keys to runs, as checking a million rows on the way in would cost more than this. They are keyed
 * without row numbers, so that a part of them is a stretch of steps. The run's own row goes last: what a crash leaves is found by it.
 */
function purge(database: Database, run: number, mostRows: number): boolean {
  return database.transaction(() => {
    let left = mostRows
    for (const { table, key } of ofMetrics) {
      const limit = Number.isFinite(left) ? ` LIMIT ${left}` : ''
      const rows = key.startsWith('run') ? 'run = ?' : 'series IN (SELECT number FROM series WHERE run = ?)'
      const { changes } = database
        .prepare(`DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${rows}${limit})`)
        .run(run)
      left -= changes
      if (left <= 0) return false
    }
    columnStore(database).forget(run)
    database.prepare('DELETE FROM runs WHERE number = ?').run(run)
    return true
  })()
}

const ofMetrics = [
  { table: 'points', key: 'series, attempt, step' },
  { table: 'non_finite', key: 'series, attempt, step' },
  { table: 'pyramid', key: 'series, attempt, width, bucket' },
  { table: 'steps', key: 'run, attempt, step' },
  { table: 'log_lines', key: 'run, number' },
] as const
