/** Evaluations of checkpoints, on workers. */
import type { Evaluation, Handlers, Progress, SplitName, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { StoredDataset } from '../store/index.ts'
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
  const view = (id: string): Evaluation => {
    return { ...store.evaluations.get(id), progress: running.get(id)?.progress ?? null }
  }
  const push = (id: string): void => workbench.emit.evaluations.onChanged(view(id))
  return {
    list({ runId }) {
      store.runs.get(runId)
      return store.evaluations
        .list(runId)
        .map(each => ({ ...each, progress: running.get(each.id)?.progress ?? null }))
    },
    get: ({ id }) => view(id),
    start({ checkpointId, datasetId, split }) {
      const checkpoint = store.checkpoints.get(checkpointId)
      const run = store.runs.get(checkpoint.runId)
      const dataset = store.datasets.find(datasetId ?? run.datasetId)
      scanner.refuseWhileScanning(dataset.id)
      const chosen = split ?? defaultSplit(dataset)
      const id = store.writeDurably(() => {
        const made = `e-${String(store.settings.count('evaluations')).padStart(6, '0')}`
        const { runId } = checkpoint
        store.evaluations.create({
          id: made,
          checkpointId,
          runId,
          datasetId: dataset.id,
          split: chosen,
          createdAt: Date.now(),
        })
        return made
      })
      const state: Running = { cancel: new AbortController(), progress: null }
      running.set(id, state)
      // Without a choice of the user it is the very images that the run validates on, which may be a part of train.
      const asked = split ?? (datasetId === null ? null : chosen)
      const work = evaluate(workbench, { id, dataset, split: asked, path: checkpoint.path, state, push })
      void work
        .finally(() => {
          running.delete(id)
          push(id)
        })
        .catch((thrown: unknown) => workbench.report(AppError.from(thrown, `evaluation ${id}`)))
      push(id)
      return { id }
    },
    cancel({ id }) {
      store.evaluations.get(id)
      running.get(id)?.cancel.abort()
      return {}
    },
  }
}

function defaultSplit(dataset: StoredDataset): SplitName {
  const names = dataset.splits.map(split => split.name)
  return (['val', 'test', 'train'] as const).find(name => names.includes(name)) ?? 'train'
}

interface Work {
  readonly id: string
  readonly dataset: StoredDataset
  readonly split: SplitName | null
  readonly path: string
  readonly state: Running
  readonly push: (id: string) => void
}

async function evaluate({ store, supervisor, folders, keep, report }: Workbench, work: Work): Promise<void> {
  const { id, dataset, split, state } = work
  const onProgress = (progress: Progress): void => {
    if (state.progress === null) keep(() => store.evaluations.change(id, { status: 'running' }))
    state.progress = progress
    work.push(id)
  }
  try {
    const input = { checkpointPath: work.path, dataset: datasetRef(folders, dataset), split }
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
