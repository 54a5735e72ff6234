/** Curves of a run. */
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import type { Workbench } from './ports.ts'

export function metricHandlers({ store }: Workbench): Handlers<WorkbenchContract>['metrics'] {
  return {
    series: ({ runId }) => store.metrics.series(store.runs.number(runId)),
    read: ({ runId, ...query }) => store.metrics.read(store.runs.number(runId), query),
  }
}
