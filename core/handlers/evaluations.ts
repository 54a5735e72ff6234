/** Evaluations of checkpoints, on workers. */
import { join } from 'node:path'
import type { Evaluation, Handlers, Progress, SplitName, WorkbenchContract } from '../contract/index.ts'
import { EvaluationSettings } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { StoredDataset, StoredEvaluation } from '../store/index.ts'
import { readReport } from './evaluationReport.ts'
import { evaluationStudyHandlers } from './evaluationStudies.ts'
import { datasetRef } from './datasetViews.ts'
import { failureOf, type Workbench } from './ports.ts'
import type { Scanner } from './scanner.ts'

interface Running {
  readonly cancel: AbortController
  progress: Progress | null
}

export function evaluationHandlers(
  workbench: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
): Handlers<WorkbenchContract>['evaluations'] {
  const { store } = workbench
  const running = new Map<string, Running>()
  const viewOf = (stored: StoredEvaluation): Evaluation => ({
    ...stored,
    settings: EvaluationSettings.parse(stored.settings),
    progress: running.get(stored.id)?.progress ?? null,
  })
  const view = (id: string): Evaluation => {
    return viewOf(store.evaluations.get(id))
  }
  const push = (id: string): void => workbench.emit.evaluations.onChanged(view(id))
  const start = ({ checkpointId, datasetId, split, settings }: Asked): { readonly id: string } => {
    const checkpoint = store.checkpoints.get(checkpointId)
    const run = store.runs.get(checkpoint.runId)
    const dataset = store.datasets.find(datasetId ?? run.datasetId)
    scanner.refuseWhileScanning(dataset.id)
    const chosen = split ?? defaultSplit(dataset, settings)
    const id = store.writeDurably(() => {
      const made = `e-${String(store.settings.count('evaluations')).padStart(6, '0')}`
      const { runId } = checkpoint
      store.evaluations.create({
        id: made,
        checkpointId,
        runId,
        datasetId: dataset.id,
        split: chosen,
        settings,
        createdAt: Date.now(),
      })
      return made
    })
    const state: Running = { cancel: new AbortController(), progress: null }
    running.set(id, state)
    // Without a choice of the user it is the very images that the run validates on, which may be a part of train.
    const isOwn = datasetId === null || hasQueries(dataset, settings)
    const asked = split ?? (isOwn ? null : chosen)
    const reportPath = reportPathOf(workbench, checkpoint.runId, id)
    const { path } = checkpoint
    const work = evaluate(workbench, { id, dataset, split: asked, path, settings, reportPath, state, push })
    void work
      .finally(() => {
        running.delete(id)
        push(id)
      })
      .catch((thrown: unknown) => workbench.report(AppError.from(thrown, `evaluation ${id}`)))
    push(id)
    return { id }
  }
  return {
    ...evaluationStudyHandlers(workbench),
    list({ runId }) {
      store.runs.get(runId)
      return store.evaluations.list(runId).map(viewOf)
    },
    recent: ({ limit }) => store.evaluations.recent(limit).map(viewOf),
    get: ({ id }) => view(id),
    start,
    again({ id }) {
      const old = store.evaluations.get(id)
      const { datasetId: trainedOn } = store.runs.get(old.runId)
      const { checkpointId, datasetId } = old
      const settings = EvaluationSettings.parse(old.settings)
      const dataset = store.datasets.find(datasetId)
      if (datasetId !== trainedOn || !isOwnPart(dataset, old))
        return start({ checkpointId, datasetId, split: old.split, settings })
      return start({ checkpointId, datasetId: null, split: null, settings })
    },
    report({ id }) {
      const { runId, status } = store.evaluations.get(id)
      return readReport(reportPathOf(workbench, runId, id), id, status)
    },
    cancel({ id }) {
      store.evaluations.get(id)
      running.get(id)?.cancel.abort()
      return {}
    },
    remove({ id }) {
      const { runId } = store.evaluations.get(id)
      if (running.has(id)) {
        const message = `Evaluation ${id} is under way. Cancel it first`
        throw new AppError('conflict', message, { value: id })
      }
      store.evaluations.setRemoved(id, Date.now())
      workbench.emit.evaluations.onRemoved({ id, runId })
      return {}
    },
    restore({ id }) {
      store.evaluations.get(id)
      store.evaluations.setRemoved(id, null)
      push(id)
      return {}
    },
  }
}

interface Asked {
  readonly checkpointId: string
  readonly datasetId: string | null
  readonly split: SplitName | null
  readonly settings: EvaluationSettings
}

/** Whether it judged the part of `train` that the run holds out, for want of another split. */
function isOwnPart(dataset: StoredDataset, { split, imageCount, skippedCount }: StoredEvaluation): boolean {
  const whole = dataset.splits.find(({ name }) => name === split)?.count ?? 0
  return split === 'train' && imageCount + skippedCount < whole
}

/** Beside the run's checkpoints, so that it goes with the run. */
function reportPathOf({ folders }: Workbench, runId: string, id: string): string {
  return join(folders.runs, runId, 'evaluations', `${id}.json`)
}

function hasQueries(dataset: StoredDataset, { kind }: EvaluationSettings): boolean {
  return kind === 'retrieval' && dataset.splits.some(({ name }) => name === 'query')
}

function defaultSplit(dataset: StoredDataset, settings: EvaluationSettings): SplitName {
  if (hasQueries(dataset, settings)) return 'query'
  const names = dataset.splits.map(split => split.name)
  return (['val', 'test', 'train'] as const).find(name => names.includes(name)) ?? 'train'
}

interface Work {
  readonly id: string
  readonly dataset: StoredDataset
  readonly split: SplitName | null
  readonly path: string
  readonly settings: EvaluationSettings
  readonly reportPath: string
  readonly state: Running
  readonly push: (id: string) => void
}

async function evaluate({ store, supervisor, folders, keep, report }: Workbench, work: Work): Promise<void> {
  const { id, dataset, split, settings, reportPath, state } = work
  const onProgress = (progress: Progress): void => {
    if (state.progress === null) keep(() => store.evaluations.change(id, { status: 'running' }))
    state.progress = progress
    work.push(id)
  }
  try {
    const place = { checkpointPath: work.path, dataset: datasetRef(folders, dataset) }
    const input = { ...place, split, settings, reportPath }
    const figures = await supervisor.runTask('evaluate', input, { onProgress, signal: state.cancel.signal })
    const endedAt = Date.now()
    keep(() => store.evaluations.change(id, { status: 'finished', ...figures, endedAt }))
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (error.code === 'internal') report(error)
    const status = error.code === 'cancelled' ? 'cancelled' : 'failed'
    const endedAt = Date.now()
    keep(() => store.evaluations.change(id, { status, error: failureOf(error), endedAt }))
  }
}
