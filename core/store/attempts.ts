/** Attempts: each start of a run's trainer, with the process that ran it. */
import type { Attempt } from '../contract/index.ts'
import type { Database } from './engine.ts'

/** A trainer process, told apart from a later one that got the same id. */
export interface ProcessMark {
  readonly pid: number
  /** When the process started, in the system's own words; empty when unknown. */
  readonly started: string
}

export interface AttemptStore {
  list(run: number): Attempt[]
  /** Begins the next attempt. @returns its number, from 1. */
  begin(run: number, startedAt: number, fromStep: number): number
  setProcess(run: number, attempt: number, process: ProcessMark): void
  setFromStep(run: number, attempt: number, fromStep: number): void
  end(run: number, attempt: number, endedAt: number, outcome: string): void
  /** The process of the newest attempt; null when there is none. */
  lastProcess(run: number): ProcessMark | null
}

export function attemptStore(database: Database): AttemptStore {
  const list = database.prepare(
    `SELECT number, started_at AS startedAt, ended_at AS endedAt, from_step AS fromStep, outcome
     FROM attempts WHERE run = ? ORDER BY number`,
  )
  const last = database.prepare('SELECT max(number) FROM attempts WHERE run = ?').pluck()
  const insert = database.prepare(
    'INSERT INTO attempts (run, number, started_at, from_step) VALUES (?, ?, ?, ?)',
  )
  const setProcess = database.prepare(
    'UPDATE attempts SET pid = ?, pid_started = ? WHERE run = ? AND number = ?',
  )
  const setFromStep = database.prepare('UPDATE attempts SET from_step = ? WHERE run = ? AND number = ?')
  const end = database.prepare('UPDATE attempts SET ended_at = ?, outcome = ? WHERE run = ? AND number = ?')
  const lastProcess = database.prepare(
    'SELECT pid, pid_started AS started FROM attempts WHERE run = ? AND pid IS NOT NULL ORDER BY number DESC LIMIT 1',
  )
  return {
    list: run => list.all(run) as Attempt[],
    begin(run, startedAt, fromStep) {
      const number = Number(last.get(run) ?? 0) + 1
      insert.run(run, number, startedAt, fromStep)
      return number
    },
    setProcess: (run, attempt, process) => void setProcess.run(process.pid, process.started, run, attempt),
    setFromStep: (run, attempt, fromStep) => void setFromStep.run(fromStep, run, attempt),
    end: (run, attempt, endedAt, outcome) => void end.run(endedAt, outcome, run, attempt),
    lastProcess: run => (lastProcess.get(run) as ProcessMark | undefined) ?? null,
  }
}
