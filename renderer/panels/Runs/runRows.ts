/** The rows of the table of runs: filtered and sorted, fast enough for ten thousand. */
import type { RunSummary } from '../../../core/contract/index.ts'

export type RunColumn =
  | 'name'
  | 'status'
  | 'dataset'
  | 'model'
  | 'progress'
  | 'top1'
  | 'best'
  | 'trainLoss'
  | 'valLoss'
  | 'speed'
  | 'elapsed'
  | 'created'

export type StatusFilter = 'all' | 'active' | 'finished' | 'resumable' | 'failed'

export interface RunOrder {
  readonly column: RunColumn
  readonly isDescending: boolean
}

const groups: Readonly<Record<Exclude<StatusFilter, 'all'>, readonly string[]>> = {
  active: ['queued', 'starting', 'running', 'pausing', 'stopping'],
  finished: ['finished'],
  resumable: ['paused', 'stopped', 'interrupted'],
  failed: ['failed', 'interrupted'],
}

const values: Readonly<Record<RunColumn, (run: RunSummary) => number | string | null>> = {
  name: run => run.name.toLowerCase(),
  status: run => run.status,
  dataset: run => run.datasetName.toLowerCase(),
  model: run => run.model,
  progress: run => (run.totalSteps > 0 ? run.step / run.totalSteps : null),
  top1: run => run.top1,
  best: run => run.bestTop1,
  trainLoss: run => run.trainLoss,
  valLoss: run => run.valLoss,
  speed: run => run.imagesPerSecond,
  elapsed: run => run.elapsedMs,
  created: run => run.createdAt,
}

/** Every word of the filter must be found in a run's name, id, data set, model, backend or status. */
export function runRows(
  runs: readonly RunSummary[],
  filter: string,
  status: StatusFilter,
  order: RunOrder,
): RunSummary[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  const wanted = status === 'all' ? null : new Set(groups[status])
  const found = runs.filter(run => {
    if (wanted && !wanted.has(run.status)) return false
    if (words.length === 0) return true
    const text =
      `${run.name} ${run.id} ${run.datasetName} ${run.model} ${run.backend} ${run.status}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
  const valueOf = values[order.column]
  const keyed = found.map(run => ({ run, key: valueOf(run) }))
  const sign = order.isDescending ? -1 : 1
  keyed.sort((a, b) => compare(a.key, b.key, sign) || b.run.createdAt - a.run.createdAt)
  return keyed.map(each => each.run)
}

/** What has no value stands last, whichever way the table is sorted. */
function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (isNothing(a) || isNothing(b)) return Number(isNothing(a)) - Number(isNothing(b))
  if (a === b) return 0
  return (a! < b! ? -1 : 1) * sign
}

function isNothing(value: number | string | null): boolean {
  return value === null || (typeof value === 'number' && !Number.isFinite(value))
}
