/** Weights from elsewhere as a checkpoint of a run, or of a run made for them. */
import { isAbsolute, join, basename } from 'node:path'
import { writeFile } from 'node:fs/promises'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig } from '../experiment/index.ts'
import type { ImportedCheckpoint } from '../processes/folderTasks.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'
import { putRun } from './runs.ts'
import { runSummary } from './runSummary.ts'

type Import = Handlers<WorkbenchContract>['checkpoints']['import']

export function weightsImporter(workbench: Workbench, jobs: Jobs): Import {
  const { store, supervisor, emit, folders } = workbench
  /** @returns id of the checkpoint */
  const keep = async (runId: string, label: string, saved: ImportedCheckpoint): Promise<string> => {
    const { name, path, step, sizeBytes } = saved
    // A rule that keeps the newest would take it first.
    await writeFile(join(path, 'pinned'), '')
    const id = store.writeDurably(() => {
      const checkpoint = { name, path, step, sizeBytes, epoch: 0, metrics: {}, status: 'valid' as const }
      const put = store.checkpoints.put(runId, { ...checkpoint, createdAt: Date.now() })
      store.checkpoints.pin(put, true)
      store.checkpoints.label(put, label)
      return put
    })
    emit.checkpoints.onChanged({ runId })
    return id
  }
  return ({ path, runId, config, datasetId, name }) => {
    if (!isAbsolute(path))
      throw new AppError('invalid-request', `path: expected a whole path, from the root, got '${path}'`, {
        field: 'path',
      })
    const label = name || basename(path)
    const place = runId === null ? newRun(workbench, config, datasetId) : templateOf(workbench, runId)
    return jobs.start({
      kind: 'import',
      title: label,
      run: async options => {
        const target = runId ?? place.put(label)
        const order = {
          ...{ weightsPath: path, runId: target, folder: join(folders.runs, target, 'checkpoints') },
          ...{ templatePath: place.templatePath, config: place.config, classes: place.classes },
        }
        try {
          const saved = await supervisor.runTask('import-weights', order, options)
          const checkpointId = await keep(target, label, saved)
          if (runId === null) {
            store.writeDurably(() => store.runs.change(target, { status: 'finished', endedAt: Date.now() }))
            emit.runs.onChanged(runSummary(workbench, store.runs.get(target)))
          }
          const { loaded, unexpected } = saved.report
          return {
            ...{ runId: target, checkpointId, loadedCount: loaded.length },
            unexpected: unexpected.slice(0, 100),
          }
        } catch (thrown) {
          // A run without its weights is of no use.
          if (runId === null) store.write(() => store.runs.purge(target, 1000))
          throw thrown
        }
      },
    })
  }
}

interface Place {
  readonly templatePath: string | null
  readonly config: Readonly<Record<string, unknown>>
  readonly classes: readonly string[]
  /** Writes the run. @returns its id */
  put(name: string): string
}

function templateOf({ store }: Workbench, runId: string): Place {
  const template = store.checkpoints.list(runId).find(({ status }) => status === 'valid')
  if (!template)
    throw new AppError(
      'conflict',
      `Run '${store.runs.get(runId).name}' has saved no checkpoint yet. Import the weights as an entry of their own`,
    )
  return { templatePath: template.path, config: {}, classes: [], put: () => runId }
}

function newRun(
  { store }: Workbench,
  input: Readonly<Record<string, unknown>> | null,
  datasetId: string | null,
): Place {
  if (input === null || datasetId === null)
    throw new AppError('invalid-request', 'expected a run, or a configuration and a data set')
  const config = { ...parseConfig(input) }
  const dataset = store.datasets.get(datasetId)
  const put = (name: string): string =>
    store.writeDurably(() => {
      const id = putRun({ store }, { config, dataset, name, tags: ['imported'] })
      store.runs.dequeue(id)
      store.runs.change(id, { status: 'stopped' })
      return id
    })
  return { templatePath: null, config, classes: dataset.classes, put }
}
