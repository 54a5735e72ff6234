/** Gathers what a report says of runs. */
import type { Curve } from '../../../../core/contract/index.ts'
import { workbench } from '../../../workbench.ts'
import { reportedSeries, type ReportedRun } from './reportHtml.ts'

/** Points of a curve in a report: as many as its width shows. */
const maxPoints = 400

export async function fetchReport(id: string): Promise<ReportedRun> {
  const names = reportedSeries.map(({ name }) => name)
  const [run, curves, checkpoints, evaluations] = await Promise.all([
    workbench().runs.get({ id }),
    workbench().metrics.read({ runId: id, names, maxPoints }),
    workbench().checkpoints.list({ runId: id }),
    workbench().evaluations.list({ runId: id }),
  ])
  const byName = new Map(
    names.map(name => [
      name,
      pointsOf(curves.filter(each => `${each.split}/${each.name}` === name || each.name === name)),
    ]),
  )
  return { run, curves: byName, checkpoints, evaluations }
}

/** Of all attempts, without the steps that a later one replaced. */
function pointsOf(attempts: readonly Curve[]): [number, number][] {
  return [...attempts]
    .sort((a, b) => a.attempt - b.attempt)
    .flatMap(({ step, last, orphanedFromStep }) =>
      step.flatMap((at, index): [number, number][] => {
        const value = last[index] ?? null
        return value === null || (orphanedFromStep !== null && at >= orphanedFromStep) ? [] : [[at, value]]
      }),
    )
}
