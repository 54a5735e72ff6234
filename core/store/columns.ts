/**
 * Columns of the table of runs: settings by their path, and figures of series. Everything is kept in narrow tables as it arrives, so
 * that ten thousand values cost some milliseconds.
 */
import type { Database } from './engine.ts'
import { flatSettings } from './flatSettings.ts'

export type ColumnValue = number | string | null

/** A stretch of runs, newest first, with the values of each column beside them. */
export interface ColumnPage {
  readonly ids: string[]
  readonly columns: Record<string, ColumnValue[]>
  /** Where the next page begins; null after the last. */
  readonly next: number | null
}

export interface ColumnStore {
  /** What there are columns of: paths of settings, and names of series. */
  fields(): { settings: { path: string; varies: boolean }[]; series: string[] }
  /** @param before number of the run that the page before ended with; null for the first. */
  page(fields: readonly string[], before: number | null, limit: number): ColumnPage
  of(fields: readonly string[], ids: readonly string[]): Omit<ColumnPage, 'next'>
  /** Notes the settings of a new run. */
  save(run: number, config: Readonly<Record<string, unknown>>): void
  /** Forgets those of a run that is deleted for good. */
  forget(run: number): void
}

interface Place {
  readonly number: number
  readonly id: string
}

const figure = /^(last|min|max)\((.+)\)$/

export function columnStore(database: Database): ColumnStore {
  const places = database.prepare('SELECT number, id FROM runs WHERE number < ? ORDER BY number DESC LIMIT ?')
  const placeOf = database.prepare('SELECT number, id FROM runs WHERE id = ?')
  const paths = database.prepare('SELECT path, varies FROM setting_paths ORDER BY path')
  const names = database.prepare('SELECT name FROM series_names ORDER BY name').pluck()
  const read = reader(database)
  const columnsOf = (fields: readonly string[], found: readonly Place[]): Record<string, ColumnValue[]> => {
    const runs = found.map(({ number }) => number)
    const [low, high] = [Math.min(...runs), Math.max(...runs)]
    const columns = fields.map(field => {
      const values = new Map(found.length === 0 ? [] : read(field, low, high))
      return [field, runs.map(run => values.get(run) ?? null)] as const
    })
    return Object.fromEntries(columns)
  }
  return {
    fields: () => ({
      settings: (paths.all() as { path: string; varies: number }[]).map(({ path, varies }) => ({
        ...{ path, varies: varies === 1 },
      })),
      series: names.all() as string[],
    }),
    page(fields, before, limit) {
      const found = places.all(before ?? Number.MAX_SAFE_INTEGER, limit) as Place[]
      const next = found.length < limit ? null : (found.at(-1)?.number ?? null)
      return { ids: found.map(({ id }) => id), columns: columnsOf(fields, found), next }
    },
    of(fields, ids) {
      const found = ids.map(id => placeOf.get(id) as Place | undefined).filter(place => place !== undefined)
      // One run at a time: the runs asked for need not lie side by side.
      const each = found.map(place => columnsOf(fields, [place]))
      const columns = fields.map(field => [field, each.map(one => one[field]?.[0] ?? null)] as const)
      return { ids: found.map(({ id }) => id), columns: Object.fromEntries(columns) }
    },
    ...writer(database),
  }
}

/** Pairs of a run and its value, for runs between two numbers. */
function reader(database: Database) {
  const raw = (sql: string) => database.prepare(sql).raw()
  const numberOfPath = database.prepare('SELECT number FROM setting_paths WHERE path = ?').pluck()
  const setting = raw('SELECT run, value FROM run_settings WHERE path = ? AND run BETWEEN ? AND ?')
  const series = {
    last: raw('SELECT run, last FROM series WHERE name = ? AND run BETWEEN ? AND ?'),
    min: raw('SELECT run, min FROM series WHERE name = ? AND run BETWEEN ? AND ?'),
    max: raw('SELECT run, max FROM series WHERE name = ? AND run BETWEEN ? AND ?'),
  }
  const own: Record<string, ReturnType<typeof raw>> = {
    notes: raw(`SELECT run, notes FROM run_details WHERE notes != '' AND run BETWEEN ? AND ?`),
    disk: raw('SELECT run, sum(size_bytes) FROM checkpoints WHERE run BETWEEN ? AND ? GROUP BY run'),
    checkpoints: raw(
      'SELECT run, count(*) FROM checkpoints WHERE removed_at IS NULL AND run BETWEEN ? AND ? GROUP BY run',
    ),
  }
  return (field: string, low: number, high: number): [number, ColumnValue][] => {
    const [, kind, name] = figure.exec(field) ?? []
    if (kind !== undefined && name !== undefined) {
      return series[kind as keyof typeof series].all(name, low, high) as [number, ColumnValue][]
    }
    const query = own[field]
    if (query) return query.all(low, high) as [number, ColumnValue][]
    const path = numberOfPath.get(field) as number | undefined
    return path === undefined ? [] : (setting.all(path, low, high) as [number, ColumnValue][])
  }
}

function writer(database: Database): Pick<ColumnStore, 'save' | 'forget'> {
  const note = database.prepare(`
    INSERT INTO setting_paths (path, first_value) VALUES (?, ?)
    ON CONFLICT (path) DO UPDATE SET varies = varies OR first_value IS NOT excluded.first_value
    RETURNING number`)
  const put = database.prepare('INSERT OR REPLACE INTO run_settings VALUES (?, ?, ?)')
  const forget = database.prepare(
    'DELETE FROM run_settings WHERE (path, run) IN (SELECT number, ? FROM setting_paths)',
  )
  return {
    save: database.transaction((run: number, config: Readonly<Record<string, unknown>>) => {
      for (const [path, value] of flatSettings(config)) {
        const { number } = note.get(path, value) as { number: number }
        put.run(number, run, value)
      }
    }),
    forget: run => void forget.run(run),
  }
}
