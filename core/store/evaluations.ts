/** Evaluations of checkpoints and their figures. */
import type { Evaluation } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'
import { json, updater } from './rows.ts'

/** An evaluation as it is stored: how far it has come is not, and what is as by default may be missing in its settings. */
export type StoredEvaluation = Omit<Evaluation, 'progress' | 'settings'> & {
  readonly settings: Partial<Evaluation['settings']>
}
export type EvaluationChanges = Partial<
  Omit<StoredEvaluation, 'id' | 'checkpointId' | 'runId' | 'datasetId' | 'createdAt'>
>

export interface EvaluationStore {
  /** Of one run, newest first, without those in the trash. */
  list(runId: string): StoredEvaluation[]
  /** Of all runs, newest first, without what is in the trash. */
  recent(limit: number): StoredEvaluation[]
  /** One, also from the trash. @throws AppError not-found */
  get(id: string): StoredEvaluation
  create(
    evaluation: Pick<
      StoredEvaluation,
      'id' | 'checkpointId' | 'runId' | 'datasetId' | 'split' | 'createdAt'
    > & {
      /** As by default when left out. */
      readonly settings?: Partial<StoredEvaluation['settings']>
    },
  ): void
  change(id: string, changes: EvaluationChanges): void
  /** Puts it into the trash at a time, or takes it back with null. */
  setRemoved(id: string, removedAt: number | null): void
  /** Those in the trash. */
  removed(): StoredEvaluation[]
  /** For good. */
  forget(id: string): void
  /** Those that wait or run. */
  unfinished(): StoredEvaluation[]
  /** Ends those that a host left unfinished. */
  failUnfinished(error: Evaluation['error'], endedAt: number): void
}

const changeable = [
  'split',
  'status',
  'imageCount',
  'top1',
  'top5',
  'loss',
  'calibrationError',
  'retrieval',
  'power',
  'skippedCount',
  'error',
  'endedAt',
]

const columns = `e.id, e.checkpoint_id AS checkpointId, r.id AS runId, e.dataset_id AS datasetId, e.split, e.status,
  e.settings, e.image_count AS imageCount, e.top1, e.top5, e.loss, e.calibration_error AS calibrationError, e.retrieval, e.power,
  e.skipped_count AS skippedCount, e.error,
  e.created_at AS createdAt, e.ended_at AS endedAt`

export function evaluationStore(database: Database): EvaluationStore {
  const from = 'FROM evaluations e JOIN runs r ON r.number = e.run'
  const list = database.prepare(
    `SELECT ${columns} ${from} WHERE r.id = ? AND e.removed_at IS NULL ORDER BY e.number DESC`,
  )
  const recent = database.prepare(
    `SELECT ${columns} ${from} WHERE r.deleted_at IS NULL AND e.removed_at IS NULL ORDER BY e.number DESC LIMIT ?`,
  )
  const removed = database.prepare(`SELECT ${columns} ${from} WHERE e.removed_at IS NOT NULL`)
  const setRemoved = database.prepare('UPDATE evaluations SET removed_at = ? WHERE id = ?')
  const forget = database.prepare('DELETE FROM evaluations WHERE id = ?')
  const get = database.prepare(`SELECT ${columns} ${from} WHERE e.id = ?`)
  const unfinished = database.prepare(`SELECT ${columns} ${from} WHERE e.status IN ('queued', 'running')`)
  const insert = database.prepare(
    `INSERT INTO evaluations (id, checkpoint_id, run, dataset_id, split, settings, status, created_at)
     VALUES (@id, @checkpointId, (SELECT number FROM runs WHERE id = @runId), @datasetId, @split, @settings, 'queued', @createdAt)`,
  )
  const fail = database.prepare(
    "UPDATE evaluations SET status = 'failed', error = ?, ended_at = ? WHERE status IN ('queued', 'running')",
  )
  return {
    list: runId => (list.all(runId) as EvaluationRow[]).map(fromRow),
    recent: limit => (recent.all(limit) as EvaluationRow[]).map(fromRow),
    removed: () => (removed.all() as EvaluationRow[]).map(fromRow),
    setRemoved: (id, removedAt) => void setRemoved.run(removedAt, id),
    forget: id => void forget.run(id),
    get(id) {
      const row = get.get(id) as EvaluationRow | undefined
      if (!row) throw new AppError('not-found', `There is no evaluation '${id}'`, { field: 'id', value: id })
      return fromRow(row)
    },
    create: evaluation =>
      void insert.run({ ...evaluation, settings: JSON.stringify(evaluation.settings ?? {}) }),
    change: updater(database, 'evaluations', 'id', changeable),
    unfinished: () => (unfinished.all() as EvaluationRow[]).map(fromRow),
    failUnfinished: (error, endedAt) => void fail.run(JSON.stringify(error), endedAt),
  }
}

type EvaluationRow = Omit<StoredEvaluation, 'error' | 'settings' | 'retrieval'> & {
  error: string | null
  settings: string
  retrieval: string | null
}

function fromRow(row: EvaluationRow): StoredEvaluation {
  const where = `evaluation ${row.id}`
  return {
    ...row,
    settings: json(row.settings, where),
    retrieval: row.retrieval === null ? null : json(row.retrieval, where),
    error: row.error === null ? null : json(row.error, where),
  }
}
