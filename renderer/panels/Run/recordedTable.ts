/** Every recorded value of some series as rows for a file: nothing is thinned out, and replaced points are marked. */
import { workbench } from '../../workbench.ts'

type Cell = string | number | null

/** @throws AppError of the host; values that are not finite stand as `NaN`, `Infinity` and `-Infinity`. */
export async function recordedTable(runIds: readonly string[], names: readonly string[]): Promise<Cell[][]> {
  const table: Cell[][] = [['run', 'attempt', 'step', 'epoch', 'wall_ms', 'replaced', ...names]]
  for (const runId of runIds) {
    let after: { attempt: number; step: number } | null = null
    do {
      const page: Awaited<ReturnType<ReturnType<typeof workbench>['metrics']['rows']>> =
        await workbench().metrics.rows({ runId, names: [...names], after })
      for (const { attempt, step, epoch, wallMs, isReplaced, values } of page.rows) {
        if (values.some(value => value !== null))
          table.push([runId, attempt, step, epoch, wallMs, isReplaced ? 1 : 0, ...values])
      }
      after = page.next
    } while (after !== null)
  }
  return table
}
