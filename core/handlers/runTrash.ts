/** The trash of runs: there, back, and gone for good with their files. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { StoredRun } from '../store/index.ts'
import { sizeOfFolder } from './folders.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'
import { changeAll } from './runLabels.ts'
import { isAtWork, runSummary } from './runSummary.ts'

type RunHandlers = Handlers<WorkbenchContract>['runs']

/** Rows that are deleted before others get their turn: some ten milliseconds. */
const purgedAtOnce = 5000

export function trashHandlers(
  workbench: Workbench,
  jobs: Jobs,
): Pick<RunHandlers, 'remove' | 'removeAll' | 'restore' | 'restoreAll' | 'purge' | 'purgeAll'> {
  const { store, emit } = workbench
  const tell = (id: string): void => emit.runs.onChanged(runSummary(workbench, store.runs.get(id)))
  return {
    remove({ id }) {
      const run = store.runs.get(id)
      if (isAtWork(run)) throw conflict(`Run '${run.name}' is ${run.status}. Stop it first`)
      store.writeDurably(() => discard(workbench, run))
      tell(id)
      return {}
    },
    async removeAll({ ids }) {
      const kept: string[] = []
      await changeAll(workbench, ids, run => {
        if (isAtWork(run)) kept.push(run.id)
        else discard(workbench, run)
      })
      return { kept }
    },
    restore({ id }) {
      store.runs.get(id)
      store.writeDurably(() => store.runs.change(id, { deletedAt: null }))
      tell(id)
      return {}
    },
    async restoreAll({ ids }) {
      await changeAll(workbench, ids, ({ id }) => store.runs.change(id, { deletedAt: null }))
      return {}
    },
    purge: async ({ id }) => ({ freedBytes: await purge(workbench, id) }),
    purgeAll({ ids }) {
      for (const id of ids) refuseUnremoved(store.runs.get(id))
      return jobs.start({
        kind: 'purge',
        title: `${ids.length} runs`,
        run: async ({ onProgress, signal }) => {
          let freedBytes = 0
          for (const [done, id] of ids.entries()) {
            if (signal.aborted) throw new AppError('cancelled', `Stopped after ${done} of ${ids.length} runs`)
            onProgress({ phase: 'deleting', done, total: ids.length, etaMs: null })
            freedBytes += await purge(workbench, id)
          }
          return { freedBytes }
        },
      })
    },
  }
}

function discard({ store }: Workbench, { id, status }: StoredRun): void {
  store.runs.dequeue(id)
  if (status === 'queued') store.runs.change(id, { status: 'stopped' })
  store.runs.change(id, { deletedAt: Date.now() })
}

/** @returns bytes that its folder took. */
async function purge({ store, supervisor, emit, folders }: Workbench, id: string): Promise<number> {
  const run = store.runs.get(id)
  refuseUnremoved(run)
  if (supervisor.isTraining(id))
    throw conflict(`A process of run '${run.name}' is still saving. Try again in a moment`)
  const folder = join(folders.runs, id)
  const freedBytes = await sizeOfFolder(folder)
  await rm(folder, { recursive: true, force: true })
  while (!store.write(() => store.runs.purge(id, purgedAtOnce))) await new Promise(setImmediate)
  emit.runs.onRemoved({ id })
  return freedBytes
}

function refuseUnremoved(run: StoredRun): void {
  if (run.deletedAt === null) throw conflict(`Run '${run.name}' is not in the trash. Remove it first`)
}

function conflict(message: string): AppError {
  return new AppError('conflict', message)
}
