/** Stores what a trainer said to a host that died before it could store it. */
import { join } from 'node:path'
import type { Workbench } from '../../core/handlers/index.ts'
import { forgetUnheard, readUnheard, type Unheard } from '../../core/training/unheard.ts'
import { changeSummary } from './summaryChanges.ts'

/**
 * Points that are stored already stay as they are; of the log, only lines after the last one are taken.
 * @returns whether there was anything.
 */
export function takeUnheard(
  { store, folders }: Pick<Workbench, 'store' | 'folders'>,
  runId: string,
): boolean {
  const folder = join(folders.runs, runId)
  const unheard = readUnheard(folder)
  if (unheard === null) return false
  store.writeDurably(() => take(store, runId, unheard))
  forgetUnheard(folder)
  return true
}

function take(store: Workbench['store'], runId: string, { attempt, points, lines }: Unheard): void {
  const run = store.runs.number(runId)
  const newest = store.attempts.list(run).at(-1)?.number
  if (newest === undefined || attempt > newest) return
  store.metrics.append(run, attempt, points)
  const lastMs = store.logs.read(run, -1, 1)[0]?.wallMs ?? -Infinity
  if (attempt !== newest) return
  store.logs.append(
    run,
    lines.filter(line => Math.round(line.wallMs) > lastMs),
  )
  changeSummary(store, runId, points)
}
