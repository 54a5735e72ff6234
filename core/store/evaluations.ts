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
  /** Of one run, newest first. */
  list(runId: string): StoredEvaluation[]
  /** @throws AppError not-found */
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
  const list = database.prepare(`SELECT ${columns} ${from} WHERE r.id = ? ORDER BY e.number DESC`)
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
