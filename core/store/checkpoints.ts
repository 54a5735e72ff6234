/** Checkpoints that lie on disk, as the host knows them. */
import type { Checkpoint } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'
import { json } from './rows.ts'

export type NewCheckpoint = Pick<
  Checkpoint,
  'step' | 'epoch' | 'name' | 'path' | 'sizeBytes' | 'metrics' | 'status' | 'createdAt'
>

export interface CheckpointStore {
  /** Of one run, newest first. */
  list(runId: string): Checkpoint[]
  /** @throws AppError not-found */
  get(id: string): Checkpoint
  /** Adds a checkpoint, or renews the one of that name; a pin stays. @returns its id. */
  put(runId: string, checkpoint: NewCheckpoint): string
  setStatus(id: string, status: Checkpoint['status']): void
  pin(id: string, isPinned: boolean): void
  label(id: string, label: string): void
  /** Puts it in the trash, where its folder has another path, or takes it out again. */
  setRemoved(id: string, removedAt: number | null, path: string): void
  /** All in the trash, longest there first. */
  removed(): Checkpoint[]
  /** What the valid and the removed ones of each run take, largest first. */
  usage(): CheckpointUsage[]
  remove(id: string): void
}

export interface CheckpointUsage {
  readonly runId: string
  readonly count: number
  readonly sizeBytes: number
  readonly removedCount: number
  readonly removedBytes: number
}

/** Id of a run's checkpoint: the run's with the folder's name. */
export function checkpointId(runId: string, name: string): string {
  return `${runId}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 64)
}

export function checkpointStore(database: Database): CheckpointStore {
  const columns = `c.id, r.id AS runId, c.step, c.epoch, c.name, c.path, c.size_bytes AS sizeBytes, c.status,
    c.is_pinned AS isPinned, c.metrics, c.created_at AS createdAt, c.label, c.removed_at AS removedAt`
  const from = 'FROM checkpoints c JOIN runs r ON r.number = c.run'
  const list = database.prepare(
    `SELECT ${columns} ${from} WHERE r.id = ? AND c.removed_at IS NULL ORDER BY c.step DESC, c.name DESC`,
  )
  const removed = database.prepare(
    `SELECT ${columns} ${from} WHERE c.removed_at IS NOT NULL ORDER BY c.removed_at, c.id`,
  )
  const removedOf = database.prepare(`SELECT ${columns} ${from} WHERE c.id = ? AND c.removed_at IS NOT NULL`)
  const runOf = database.prepare(`SELECT r.id ${from} WHERE c.id = ?`).pluck()
  const put = database.prepare(
    `INSERT INTO checkpoints (id, run, step, epoch, name, path, size_bytes, status, metrics, created_at)
     VALUES (?, (SELECT number FROM runs WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET step = excluded.step, epoch = excluded.epoch, path = excluded.path,
       size_bytes = excluded.size_bytes, status = excluded.status, metrics = excluded.metrics, removed_at = NULL`,
  )
  const usage = database.prepare(
    `SELECT r.id AS runId, sum(c.removed_at IS NULL) AS count, sum(iif(c.removed_at IS NULL, size_bytes, 0)) AS sizeBytes,
       sum(c.removed_at IS NOT NULL) AS removedCount, sum(iif(c.removed_at IS NULL, 0, size_bytes)) AS removedBytes
     ${from} GROUP BY c.run ORDER BY sum(size_bytes) DESC`,
  )
  const label = database.prepare('UPDATE checkpoints SET label = ? WHERE id = ?')
  const setRemoved = database.prepare('UPDATE checkpoints SET removed_at = ?, path = ? WHERE id = ?')
  const setStatus = database.prepare('UPDATE checkpoints SET status = ? WHERE id = ?')
  const pin = database.prepare('UPDATE checkpoints SET is_pinned = ? WHERE id = ?')
  const remove = database.prepare('DELETE FROM checkpoints WHERE id = ?')
  const listed = (runId: string): Checkpoint[] => marked((list.all(runId) as CheckpointRow[]).map(fromRow))
  return {
    list: listed,
    get(id) {
      const runId = runOf.get(id) as string | undefined
      const inTrash = (): Checkpoint[] => (removedOf.all(id) as CheckpointRow[]).map(fromRow)
      const found =
        runId === undefined ? undefined : [...listed(runId), ...inTrash()].find(each => each.id === id)
      if (!found)
        throw new AppError('not-found', `There is no checkpoint '${id}'`, { field: 'id', value: id })
      return found
    },
    put(runId, c) {
      const id = checkpointId(runId, c.name)
      const metrics = JSON.stringify(c.metrics)
      put.run(
        id,
        runId,
        c.step,
        c.epoch,
        c.name,
        c.path,
        c.sizeBytes,
        c.status,
        metrics,
        Math.round(c.createdAt),
      )
      return id
    },
    setStatus: (id, status) => void setStatus.run(status, id),
    pin: (id, isPinned) => void pin.run(isPinned ? 1 : 0, id),
    label: (id, text) => void label.run(text, id),
    setRemoved: (id, removedAt, path) => void setRemoved.run(removedAt, path, id),
    removed: () => (removed.all() as CheckpointRow[]).map(fromRow),
    usage: () => usage.all() as CheckpointUsage[],
    remove: id => void remove.run(id),
  }
}

type CheckpointRow = Omit<Checkpoint, 'isPinned' | 'metrics' | 'isBest' | 'isNewest'> & {
  isPinned: number
  metrics: string
}

function fromRow(row: CheckpointRow): Checkpoint {
  const metrics = json<Record<string, number>>(row.metrics, `checkpoint ${row.id}`)
  return { ...row, isPinned: row.isPinned === 1, metrics, isBest: false, isNewest: false }
}

/** Marks the newest valid one, and the valid one with the highest top-1, the newest of equals. */
function marked(list: Checkpoint[]): Checkpoint[] {
  const valid = list.filter(each => each.status === 'valid')
  const top1 = (each: Checkpoint): number => each.metrics['val/top1'] ?? -Infinity
  const best = Math.max(-Infinity, ...valid.map(top1))
  const bestId = valid.find(each => top1(each) === best && best > -Infinity)?.id
  return list.map(each => ({ ...each, isBest: each.id === bestId, isNewest: each.id === valid[0]?.id }))
}
