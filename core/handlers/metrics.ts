/** Curves of a run, and what is known of one of its steps. */
import type { Curve, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { datasetRef } from './datasetViews.ts'
import type { Workbench } from './ports.ts'
import { inTurns } from './turns.ts'

type MetricHandlers = Handlers<WorkbenchContract>['metrics']

/** Lines of the log on either side of a moment. */
const linesAround = 6

export function metricHandlers(workbench: Workbench): MetricHandlers {
  const { store } = workbench
  return {
    series: ({ runId }) => store.metrics.series(store.runs.number(runId)),
    read: curvesReader(workbench),
    rows: ({ runId, ...query }) => store.metrics.rows(store.runs.number(runId), query),
    evidence: evidenceReader(workbench),
    batch: batchReader(workbench),
  }
}

function curvesReader({ store }: Workbench): MetricHandlers['read'] {
  return async ({ runId, smoothing, ...query }) => {
    const run = store.runs.number(runId)
    const curves = store.metrics.read(run, query)
    if (smoothing === 0) return curves
    const noisy = curves.filter(isNoisy)
    const smooth = await inTurns(store.metrics.smooth(run, noisy, smoothing))
    const found = new Map(smooth.map(curve => [keyOf(curve), curve]))
    return curves.map(curve => found.get(keyOf(curve)) ?? curve)
  }
}

/** A rate follows a rule, and each validation is a figure that people quote: neither is ever smoothed. */
function isNoisy({ split, name }: Curve): boolean {
  return split !== 'val' && name !== 'lr' && name !== 'lossScale'
}

function keyOf({ split, name, attempt }: Curve): string {
  return `${split}/${name}/${attempt}`
}

function evidenceReader({ store }: Workbench): MetricHandlers['evidence'] {
  return ({ runId, step }) => {
    const run = store.runs.number(runId)
    const facts = store.metrics.step(run, step)
    if (!facts)
      throw new AppError('not-found', `Nothing was recorded of run '${runId}' yet`, { value: runId })
    const checkpoints = store.checkpoints.list(runId).filter(each => each.status === 'valid')
    const place = (found: (typeof checkpoints)[number] | undefined) =>
      found ? { id: found.id, name: found.name, step: found.step } : null
    const count = store.logs.count(run)
    const at = Math.min(store.logs.numberAt(run, facts.wallMs), count - 1)
    const lines = store.logs.between(run, Math.max(0, at - linesAround), at + linesAround + 1)
    return {
      ...facts,
      before: place(checkpoints.find(each => each.step <= facts.step)),
      after: place(checkpoints.findLast(each => each.step > facts.step)),
      lines,
      lineNumber: at < 0 ? null : at,
    }
  }
}

/** The order is a function of the configuration and of what the data set holds: no record of it is kept. */
function batchReader({ store, supervisor, folders }: Workbench): MetricHandlers['batch'] {
  return async ({ runId, step, limit }) => {
    const run = store.runs.get(runId)
    const dataset = store.datasets.find(run.datasetId)
    if (dataset.status !== 'ready') {
      const message = `Data set '${dataset.name}' is not ready (${dataset.status}), so that the batch of a step cannot be worked out`
      throw new AppError('conflict', message, { value: dataset.id })
    }
    const { config } = store.runs.details(runId)
    const input = { config, dataset: datasetRef(folders, dataset), step, limit }
    const { images, split, ...batch } = await supervisor.runTask('batch', input)
    return {
      step,
      ...batch,
      images: images.map(image => {
        const url = `/blobs/datasets/${dataset.id}/${split}/${image.index}`
        const className = dataset.classes[image.label] ?? String(image.label)
        return { ...image, split, className, thumbnailUrl: `${url}/thumbnail`, imageUrl: `${url}/image` }
      }),
    }
  }
}
