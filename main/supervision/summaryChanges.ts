/** What a run's summary shows of its points. */
import type { Workbench } from '../../core/handlers/index.ts'
import type { RunChanges } from '../../core/store/index.ts'
import type { Point } from '../../core/training/ports.ts'

/** Summary field that shows the newest value of a series. */
const shown: Readonly<Record<string, keyof RunChanges>> = {
  'train/loss': 'trainLoss',
  'val/loss': 'valLoss',
  'val/top1': 'top1',
  'val/top5': 'top5',
}

/** Brings a run's summary up to date with points, in time order, that were stored. */
export function changeSummary(
  store: Workbench['store'],
  runId: string,
  points: readonly Point[],
  others: RunChanges = {},
): void {
  store.runs.change(runId, { ...summaryChanges(points), ...others })
  const best = Math.max(...points.map(point => point.values['val/top1'] ?? -Infinity))
  if (best > -Infinity) store.runs.raiseBest(runId, best)
}

/** The newest value of each series that a summary shows. */
function summaryChanges(points: readonly Point[]): RunChanges {
  const changes: Record<string, number> = {}
  for (const point of points) {
    changes['step'] = point.step
    changes['epoch'] = point.epoch
    for (const [name, value] of Object.entries(point.values)) {
      const field = shown[name]
      if (field !== undefined) changes[field] = value
    }
  }
  return changes
}
