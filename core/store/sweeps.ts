/** Sweeps, with what their runs are doing. */
import type { Sweep } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'
import { json } from './rows.ts'

export type NewSweep = Pick<Sweep, 'groupId' | 'name' | 'sweep' | 'createdAt'>

export interface SweepStore {
  create(sweep: NewSweep): void
  /** Newest first. */
  list(): Sweep[]
  /** @throws AppError not-found */
  get(groupId: string): Sweep
  /** The sweep that a run belongs to and that has not ended; null when there is none. */
  openOf(runId: string): Sweep | null
  /** Runs of a sweep that are in one of these states, in their order. */
  runs(groupId: string, statuses: readonly string[]): string[]
  /** @param reason why no further run starts */
  end(groupId: string, reason: string): void
}

/** Sweeps that are listed. */
const listed = 200

const columns = `group_id AS groupId, name, sweep, created_at AS createdAt, ended`
const figures = `
  coalesce(sum(elapsed_ms), 0) AS elapsedMs,
  count(*) FILTER (WHERE status = 'queued') AS waiting,
  count(*) FILTER (WHERE status IN ('starting', 'running', 'pausing', 'stopping')) AS active,
  count(*) FILTER (WHERE status NOT IN ('queued', 'starting', 'running', 'pausing', 'stopping')) AS done`
const ofGroup = `FROM runs WHERE group_id = ?`

type Row = Omit<Sweep, 'sweep' | 'elapsedMs' | 'waiting' | 'active' | 'done'> & {
  sweep: string
  runIds: string
}

export function sweepStore(database: Database): SweepStore {
  const insert = database.prepare(
    'INSERT INTO sweeps (group_id, name, sweep, created_at) VALUES (?, ?, ?, ?)',
  )
  const all = database.prepare(`SELECT ${columns} FROM sweeps ORDER BY number DESC LIMIT ${listed}`)
  const one = database.prepare(`SELECT ${columns} FROM sweeps WHERE group_id = ?`)
  const open = database.prepare(
    `SELECT ${columns} FROM sweeps WHERE ended = '' AND group_id = (SELECT group_id FROM runs WHERE id = ?)`,
  )
  const measured = database.prepare(`SELECT ${figures} ${ofGroup}`)
  const withStatus = database.prepare(
    `SELECT id ${ofGroup} AND status IN (SELECT value FROM json_each(?)) ORDER BY number`,
  )
  const end = database.prepare(`UPDATE sweeps SET ended = ? WHERE group_id = ? AND ended = ''`)

  const whole = ({ sweep, ...row }: Row): Sweep => ({
    ...row,
    sweep: json(sweep, `sweep ${row.groupId}`),
    ...(measured.get(row.groupId) as Pick<Sweep, 'elapsedMs' | 'waiting' | 'active' | 'done'>),
  })
  const find = (groupId: string): Row => {
    const row = one.get(groupId) as Row | undefined
    if (row) return row
    throw new AppError('not-found', `There is no sweep '${groupId}'`, { field: 'groupId', value: groupId })
  }
  return {
    create: ({ groupId, name, sweep, createdAt }) =>
      void insert.run(groupId, name, JSON.stringify(sweep), createdAt),
    list: () => (all.all() as Row[]).map(whole),
    get: groupId => whole(find(groupId)),
    openOf(runId) {
      const row = open.get(runId) as Row | undefined
      return row ? whole(row) : null
    },
    runs: (groupId, statuses) =>
      (withStatus.all(find(groupId).groupId, JSON.stringify(statuses)) as { id: string }[]).map(
        ({ id }) => id,
      ),
    end: (groupId, reason) => void end.run(reason, groupId),
  }
}
