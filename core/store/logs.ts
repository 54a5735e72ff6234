/** The log of each run, in numbered lines. */
import type { LogLine } from '../contract/index.ts'
import type { Database } from './engine.ts'

export interface LogStore {
  /** Numbers the lines and stores them. @returns them with their numbers. */
  append(run: number, lines: readonly Omit<LogLine, 'number'>[]): LogLine[]
  /** Lines after a number, oldest first; `after` -1 gives the last `limit`. */
  read(run: number, after: number, limit: number): LogLine[]
}

/** Longest text of one line in characters; what a child writes is not trusted to be short. */
const longestText = 8000

export function logStore(database: Database): LogStore {
  const last = database.prepare('SELECT max(number) FROM log_lines WHERE run = ?').pluck()
  const insert = database.prepare('INSERT INTO log_lines VALUES (?, ?, ?, ?, ?)')
  const columns = 'number, wall_ms AS wallMs, level, text'
  const following = database.prepare(
    `SELECT ${columns} FROM log_lines WHERE run = ? AND number > ? ORDER BY number LIMIT ?`,
  )
  const newest = database.prepare(
    `SELECT ${columns} FROM log_lines WHERE run = ? ORDER BY number DESC LIMIT ?`,
  )
  const append = database.transaction((run: number, lines: readonly Omit<LogLine, 'number'>[]) => {
    let number = Number(last.get(run) ?? -1)
    return lines.map(line => {
      const stored = {
        number: ++number,
        ...line,
        wallMs: Math.round(line.wallMs),
        text: line.text.slice(0, longestText),
      }
      insert.run(run, stored.number, stored.wallMs, stored.level, stored.text)
      return stored
    })
  })
  return {
    append: (run, lines) => append(run, lines),
    read: (run, after, limit) =>
      after < 0
        ? (newest.all(run, limit) as LogLine[]).reverse()
        : (following.all(run, after, limit) as LogLine[]),
  }
}
