/** Runs: creating, queueing, ending, trashing. What trains is the supervisor's affair. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers, RunStatus, RunSummary, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig } from '../experiment/index.ts'
import type { StoredRun } from '../store/index.ts'
import { sizeOfFolder } from './folders.ts'
import type { Workbench } from './ports.ts'
import type { Scanner } from './scanner.ts'

/** Rows that are deleted before others get their turn: some ten milliseconds. */
const purgedAtOnce = 5000

type RunHandlers = Handlers<WorkbenchContract>['runs']

/** A stored run with what its trainer does now. */
export function runSummary({ supervisor }: Pick<Workbench, 'supervisor'>, run: StoredRun): RunSummary {
  return { ...run, progress: supervisor.progressOf(run.id) }
}

export function runHandlers(
  workbench: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
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
    ...labels(workbench),
    ...trash(workbench),
    log: ({ id, after, limit }) => store.logs.read(store.runs.number(id), after, limit),
  }
}

function creator(workbench: Workbench): RunHandlers['create'] {
  const { store, supervisor } = workbench
  return ({ config: input, datasetId, name }) => {
    const config = parseConfig(input)
    const dataset = store.datasets.get(datasetId)
    if (dataset.status !== 'ready') {
      const hint =
        dataset.status === 'scanning' ? 'Wait until its scan has ended' : 'Scan it again, or add another'
      throw conflict(`Data set '${dataset.name}' is not ready (${dataset.status}). ${hint}`)
    }
    const id = store.writeDurably(() => {
      const runId = nextId(workbench)
      store.runs.create({
        id: runId,
        name: name?.trim() || `${config.model.name} on ${dataset.name}`,
        datasetId,
        datasetName: dataset.name,
        model: config.model.name,
        backend: config.backend,
        totalEpochs: config.training.epochs,
        config: { ...config },
        createdAt: Date.now(),
      })
      return runId
    })
    changed(workbench, id)
    supervisor.startQueued()
    return { id }
  }
}

/** `r-20261122-0001`: sorts by time and can be said aloud. A number is never given twice. */
function nextId({ store }: Workbench): string {
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

function labels(workbench: Workbench): Pick<RunHandlers, 'rename' | 'annotate'> {
  const { store } = workbench
  return {
    rename({ id, name }) {
      store.runs.get(id)
      store.runs.change(id, { name })
      changed(workbench, id)
      return {}
    },
    annotate({ id, notes }) {
      store.runs.annotate(id, notes)
      return {}
    },
  }
}

function trash(workbench: Workbench): Pick<RunHandlers, 'remove' | 'restore' | 'purge'> {
  const { store, supervisor, emit, folders } = workbench
  return {
    remove({ id }) {
      const run = store.runs.get(id)
      if (['starting', 'running', 'pausing', 'stopping'].includes(run.status)) {
        throw conflict(`Run '${run.name}' is ${run.status}. Stop it first`)
      }
      store.writeDurably(() => {
        store.runs.dequeue(id)
        if (run.status === 'queued') store.runs.change(id, { status: 'stopped' })
        store.runs.change(id, { deletedAt: Date.now() })
      })
      changed(workbench, id)
      return {}
    },
    restore({ id }) {
      store.runs.get(id)
      store.writeDurably(() => store.runs.change(id, { deletedAt: null }))
      changed(workbench, id)
      return {}
    },
    async purge({ id }) {
      const run = store.runs.get(id)
      if (run.deletedAt === null) throw conflict(`Run '${run.name}' is not in the trash. Remove it first`)
      if (supervisor.isTraining(id))
        throw conflict(`A process of run '${run.name}' is still saving. Try again in a moment`)
      const folder = join(folders.runs, id)
      const freedBytes = await sizeOfFolder(folder)
      await rm(folder, { recursive: true, force: true })
      while (!store.write(() => store.runs.purge(id, purgedAtOnce))) await new Promise(setImmediate)
      emit.runs.onRemoved({ id })
      return { freedBytes }
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
