/** Data sets: where they lie and what their scans found. The index that reads them is a file of its own. */
import type { DatasetProblem, DatasetSummary, Failure, SplitName } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'
import { json, updater } from './rows.ts'

export interface StoredSplit {
  readonly name: SplitName
  readonly count: number
  /** Images of each class, in the order of `classes`. */
  readonly classCounts: readonly number[]
}

export interface StoredDataset {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly reader: string
  readonly options: Readonly<Record<string, unknown>>
  readonly status: DatasetSummary['status']
  readonly isSample: boolean
  readonly classes: readonly string[]
  readonly splits: readonly StoredSplit[]
  readonly imageSize: DatasetSummary['imageSize']
  readonly problemCount: number
  readonly error: Failure | null
  /** Names of the files with the labels and tags that the user gave; empty: none. */
  readonly labelsVersion: string
  readonly tagsVersion: string
  readonly relabelledCount: number
  readonly createdAt: number
  /** When the user took it out of the list; its runs still name it. */
  readonly removedAt: number | null
}

export type DatasetChanges = Partial<Omit<StoredDataset, 'id' | 'createdAt' | 'isSample'>>

export interface DatasetStore {
  list(): StoredDataset[]
  /** @throws AppError not-found, also for a removed one. */
  get(id: string): StoredDataset
  /** A data set, even a removed one. @throws AppError not-found */
  find(id: string): StoredDataset
  /** Every id that was ever given. */
  ids(): string[]
  /** Whether any run was made on it. */
  hasRuns(id: string): boolean
  /** The data set of a folder, even a removed one; null when there is none. */
  findByPath(path: string): StoredDataset | null
  create(
    dataset: Pick<StoredDataset, 'id' | 'name' | 'path' | 'reader' | 'options' | 'isSample' | 'createdAt'>,
  ): void
  change(id: string, changes: DatasetChanges): void
  /** Takes it out of the list; adding the same folder again brings it back with its id. */
  remove(id: string, removedAt: number): void
  restore(id: string): void
  problems(id: string): DatasetProblem[]
  setProblems(id: string, problems: readonly DatasetProblem[]): void
}

const changeable = [
  ...[
    'name',
    'path',
    'reader',
    'options',
    'status',
    'classes',
    'splits',
    'imageSize',
    'problemCount',
    'error',
    'labelsVersion',
    'tagsVersion',
    'relabelledCount',
  ],
]

const columns = `id, name, path, reader, options, status, is_sample AS isSample, classes, splits, image_size AS imageSize,
  problem_count AS problemCount, error, labels_version AS labelsVersion, tags_version AS tagsVersion,
  relabelled_count AS relabelledCount, created_at AS createdAt, removed_at AS removedAt`

export function datasetStore(database: Database): DatasetStore {
  const list = database.prepare(
    `SELECT ${columns} FROM datasets WHERE removed_at IS NULL ORDER BY created_at DESC, id`,
  )
  const get = database.prepare(`SELECT ${columns} FROM datasets WHERE id = ? AND removed_at IS NULL`)
  const find = database.prepare(`SELECT ${columns} FROM datasets WHERE id = ?`)
  const ids = database.prepare('SELECT id FROM datasets').pluck()
  const hasRuns = database.prepare('SELECT EXISTS (SELECT 1 FROM runs WHERE dataset_id = ?)').pluck()
  const found = (statement: typeof get, id: string): StoredDataset => {
    const row = statement.get(id) as DatasetRow | undefined
    if (!row) throw new AppError('not-found', `There is no data set '${id}'`, { field: 'id', value: id })
    return fromRow(row)
  }
  const byPath = database.prepare(
    `SELECT ${columns} FROM datasets WHERE path = ? ORDER BY removed_at IS NOT NULL`,
  )
  const insert = database.prepare(
    `INSERT INTO datasets (id, name, path, reader, options, status, is_sample, created_at)
     VALUES (?, ?, ?, ?, ?, 'scanning', ?, ?)`,
  )
  const update = updater(database, 'datasets', 'id', changeable)
  const setRemoved = database.prepare('UPDATE datasets SET removed_at = ? WHERE id = ?')
  const problems = database.prepare(
    'SELECT file, problem FROM dataset_problems WHERE dataset_id = ? ORDER BY number',
  )
  return {
    list: () => (list.all() as DatasetRow[]).map(fromRow),
    get: id => found(get, id),
    find: id => found(find, id),
    ids: () => ids.all() as string[],
    hasRuns: id => hasRuns.get(id) === 1,
    findByPath(path) {
      const row = byPath.get(path) as DatasetRow | undefined
      return row ? fromRow(row) : null
    },
    create: dataset =>
      void insert.run(
        ...[dataset.id, dataset.name, dataset.path, dataset.reader, JSON.stringify(dataset.options)],
        ...[dataset.isSample ? 1 : 0, dataset.createdAt],
      ),
    change: update,
    remove: (id, removedAt) => void setRemoved.run(removedAt, id),
    restore: id => void setRemoved.run(null, id),
    problems: id => problems.all(id) as DatasetProblem[],
    setProblems: problemWriter(database),
  }
}

type DatasetRow = Omit<StoredDataset, 'options' | 'isSample' | 'classes' | 'splits' | 'imageSize' | 'error'> &
  Record<'options' | 'classes' | 'splits', string> & {
    isSample: number
    imageSize: string | null
    error: string | null
  }

function fromRow(row: DatasetRow): StoredDataset {
  const where = `data set ${row.id}`
  return {
    ...row,
    options: json(row.options, where),
    isSample: row.isSample === 1,
    classes: json(row.classes, where),
    splits: json(row.splits, where),
    imageSize: row.imageSize === null ? null : json(row.imageSize, where),
    error: row.error === null ? null : json(row.error, where),
  }
}

function problemWriter(database: Database): DatasetStore['setProblems'] {
  const clear = database.prepare('DELETE FROM dataset_problems WHERE dataset_id = ?')
  const insert = database.prepare('INSERT INTO dataset_problems VALUES (?, ?, ?, ?)')
  const setCount = database.prepare('UPDATE datasets SET problem_count = ? WHERE id = ?')
  return database.transaction((id: string, problems: readonly DatasetProblem[]) => {
    clear.run(id)
    problems.forEach((each, index) => insert.run(id, index, each.file, each.problem))
    setCount.run(problems.length, id)
  })
}
