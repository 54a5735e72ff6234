/** The log of each run, in numbered lines. */
import type { LogLine } from '../contract/index.ts'
import type { Database } from './engine.ts'

export interface LogStore {
  /** Numbers the lines and stores them. @returns them with their numbers. */
  append(run: number, lines: readonly Omit<LogLine, 'number'>[]): LogLine[]
  /** Lines after a number, oldest first; `after` -1 gives the last `limit`. */
  read(run: number, after: number, limit: number): LogLine[]
  /** Lines from one number up to another, which is not among them; oldest first. */
  between(run: number, from: number, end: number): LogLine[]
  /** How many lines there are; their numbers begin at 0. */
  count(run: number): number
  /** Number of the first line at or after a moment; the number of lines where none is. */
  numberAt(run: number, wallMs: number): number
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
  const momentOf = database.prepare('SELECT wall_ms FROM log_lines WHERE run = ? AND number = ?').pluck()
  const count = (run: number): number => Number(last.get(run) ?? -1) + 1
  const between = database.prepare(
    `SELECT ${columns} FROM log_lines WHERE run = ? AND number >= ? AND number < ? ORDER BY number`,
  )
  return {
    count,
    between: (run, from, end) => between.all(run, from, end) as LogLine[],
    // Lines are numbered as they come, so that their moments rise with their numbers.
    numberAt(run, wallMs) {
      let [low, high] = [0, count(run)]
      while (low < high) {
        const middle = (low + high) >> 1
        if (Number(momentOf.get(run, middle) ?? 0) < wallMs) low = middle + 1
        else high = middle
      }
      return low
    },
    append: (run, lines) => append(run, lines),
    read: (run, after, limit) =>
      after < 0
        ? (newest.all(run, limit) as LogLine[]).reverse()
        : (following.all(run, after, limit) as LogLine[]),
  }
}
