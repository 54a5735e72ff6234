/** Runs: creating, queueing, ending. What trains is the supervisor's affair. */
import type { Handlers, RunStatus, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig, type RunConfig } from '../experiment/index.ts'
import type { StoredDataset, StoredRun } from '../store/index.ts'
import type { Jobs } from './jobs.ts'
import { logSearcher } from './logSearch.ts'
import type { Workbench } from './ports.ts'
import { columnHandlers } from './runColumns.ts'
import { labelHandlers } from './runLabels.ts'
import { runSummary } from './runSummary.ts'
import { trashHandlers } from './runTrash.ts'
import type { Scanner } from './scanner.ts'

type RunHandlers = Handlers<WorkbenchContract>['runs']

export function runHandlers(
  workbench: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
  jobs: Jobs,
): RunHandlers {
  const { store } = workbench
  return {
    list: ({ deleted }) => store.runs.list(deleted).map(run => runSummary(workbench, run)),
    get({ id }) {
      const summary = runSummary(workbench, store.runs.get(id))
      return { ...summary, ...store.runs.details(id), attempts: store.attempts.list(store.runs.number(id)) }
    },
    create: creator(workbench),
    ...lifeCycle(workbench, scanner),
    ...labelHandlers(workbench),
    ...trashHandlers(workbench, jobs),
    ...columnHandlers(workbench),
    log: ({ id, after, limit }) => store.logs.read(store.runs.number(id), after, limit),
    searchLog: logSearcher(workbench),
  }
}

function creator(workbench: Workbench): RunHandlers['create'] {
  const { store, supervisor } = workbench
  return ({ config: input, datasetId, name, tags, groupId }) => {
    const config = parseConfig(input)
    const dataset = store.datasets.get(datasetId)
    if (dataset.status !== 'ready') {
      const hint =
        dataset.status === 'scanning' ? 'Wait until its scan has ended' : 'Scan it again, or add another'
      throw conflict(`Data set '${dataset.name}' is not ready (${dataset.status}). ${hint}`)
    }
    const run = { config: { ...config }, dataset, name: name?.trim() ?? '', tags, groupId }
    const id = store.writeDurably(() => putRun(workbench, run))
    changed(workbench, id)
    supervisor.startQueued()
    return { id }
  }
}

export interface RunToPut {
  /** Complete. */
  readonly config: Readonly<Record<string, unknown>>
  readonly dataset: StoredDataset
  /** Empty: made from model and data set. */
  readonly name: string
  readonly tags?: readonly string[]
  /** The sweep that it is one of. */
  readonly groupId?: string | null
}

/** Writes a run at the end of the queue; the caller tells of it. @returns its id */
export function putRun(
  workbench: Pick<Workbench, 'store'>,
  { config, dataset, name, tags = [], groupId = null }: RunToPut,
): string {
  const { model, backend, training } = config as unknown as RunConfig
  const id = nextId(workbench)
  workbench.store.runs.create({
    id,
    name: name || `${model.name} on ${dataset.name}`,
    datasetId: dataset.id,
    datasetName: dataset.name,
    model: model.name,
    backend,
    totalEpochs: training.epochs,
    config,
    createdAt: Date.now(),
    tags: [...new Set(tags)].sort(),
    groupId,
  })
  return id
}

/** `r-20261122-0001`: sorts by time and can be said aloud. A number is never given twice. */
function nextId({ store }: Pick<Workbench, 'store'>): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  return `r-${day}-${String(store.settings.count(`runs-${day}`)).padStart(4, '0')}`
}

function lifeCycle(
  workbench: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
): Pick<RunHandlers, 'pause' | 'stop' | 'resume' | 'move'> {
  const { store, supervisor, keep } = workbench
  const end = (id: string, reason: 'pause' | 'stop', from: readonly RunStatus[]): Record<string, never> => {
    const run = store.runs.get(id)
    if (!from.includes(run.status)) throw wrongStatus(run, reason, from)
    const isActive = ['starting', 'running', 'pausing'].includes(run.status)
    const write = (): void => {
      store.runs.dequeue(id)
      const [now, after] =
        reason === 'pause' ? (['pausing', 'paused'] as const) : (['stopping', 'stopped'] as const)
      store.runs.change(id, { status: isActive ? now : after })
    }
    if (isActive) {
      // A full disk must not keep training from being stopped.
      supervisor.endTraining(id, reason)
      keep(() => store.writeDurably(write))
    } else store.writeDurably(write)
    changed(workbench, id)
    supervisor.startQueued()
    return {}
  }
  return {
    pause: ({ id }) => end(id, 'pause', ['queued', 'starting', 'running']),
    stop: ({ id }) => end(id, 'stop', ['queued', 'starting', 'running', 'pausing', 'paused', 'interrupted']),
    resume({ id }) {
      const run = store.runs.get(id)
      const from: RunStatus[] = ['paused', 'stopped', 'interrupted', 'failed']
      if (!from.includes(run.status)) throw wrongStatus(run, 'resume', from)
      if (run.deletedAt !== null) throw conflict(`Run '${run.name}' is in the trash. Restore it first`)
      scanner.refuseWhileScanning(run.datasetId)
      store.writeDurably(() => {
        store.runs.change(id, { status: 'queued', error: null, endedAt: null })
        store.runs.enqueue(id)
      })
      changed(workbench, id)
      supervisor.startQueued()
      return {}
    },
    move({ id, position }) {
      const run = store.runs.get(id)
      if (run.status !== 'queued') throw wrongStatus(run, 'move', ['queued'])
      store.write(() => store.runs.move(id, position))
      for (const queued of store.runs.queue()) changed(workbench, queued)
      return {}
    },
  }
}

function changed(workbench: Workbench, id: string): void {
  workbench.emit.runs.onChanged(runSummary(workbench, workbench.store.runs.get(id)))
}

function wrongStatus(run: StoredRun, wish: string, from: readonly RunStatus[]): AppError {
  const message = `Run '${run.name}' is ${run.status}; only one that is ${from.join(', ')} can ${wish}`
  return new AppError('conflict', message, { field: 'status', value: run.status, expected: from })
}

function conflict(message: string): AppError {
  return new AppError('conflict', message)
}
