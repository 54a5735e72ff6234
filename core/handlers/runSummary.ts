/** A stored run with what its trainer does now. */
import type { RunSummary } from '../contract/index.ts'
import type { StoredRun } from '../store/index.ts'
import type { Workbench } from './ports.ts'

export function runSummary({ supervisor }: Pick<Workbench, 'supervisor'>, run: StoredRun): RunSummary {
  return { ...run, progress: supervisor.progressOf(run.id) }
}

/** Statuses in which a trainer is at work. */
const atWork: readonly string[] = ['starting', 'running', 'pausing', 'stopping']

export function isAtWork({ status }: Pick<RunSummary, 'status'>): boolean {
  return atWork.includes(status)
}
