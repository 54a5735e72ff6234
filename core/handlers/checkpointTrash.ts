/** The trash of checkpoints: there, back, and gone for good; what they take, and what a rule would keep. */
import { mkdir, rename, rm, access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Checkpoint, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Jobs } from './jobs.ts'
import { keepingPlan } from './keepingPlan.ts'
import type { Workbench } from './ports.ts'

type CheckpointHandlers = Handlers<WorkbenchContract>['checkpoints']

export function checkpointTrashHandlers(
  { store, supervisor, emit, folders }: Workbench,
  jobs: Jobs,
): Pick<CheckpointHandlers, 'discard' | 'restore' | 'removed' | 'purge' | 'usage' | 'planKeeping'> {
  const placeOf = ({ runId, name }: Checkpoint, part: 'checkpoints' | 'trash'): string =>
    join(folders.runs, runId, part, name)
  const move = async (checkpoint: Checkpoint, to: string, removedAt: number | null): Promise<void> => {
    await mkdir(dirname(to), { recursive: true })
    await rename(checkpoint.path, to)
    store.writeDurably(() => store.checkpoints.setRemoved(checkpoint.id, removedAt, to))
  }
  const tell = (checkpoints: readonly Checkpoint[]): void => {
    for (const runId of new Set(checkpoints.map(each => each.runId))) emit.checkpoints.onChanged({ runId })
  }
  return {
    async discard({ ids }) {
      const found = ids.map(id => store.checkpoints.get(id)).filter(each => each.removedAt === null)
      const kept = found.filter(each => each.isNewest || each.isPinned).map(({ id }) => id)
      const going = found.filter(({ id }) => !kept.includes(id))
      try {
        for (const checkpoint of going) {
          const to = placeOf(checkpoint, 'trash')
          await rm(to, { recursive: true, force: true })
          await move(checkpoint, to, Date.now()).catch((thrown: unknown) => {
            // Someone deleted the folder: nothing is left to bring back.
            if (!isMissing(thrown)) throw thrown
            store.writeDurably(() => store.checkpoints.remove(checkpoint.id))
          })
        }
      } finally {
        tell(going)
      }
      return { kept }
    },
    async restore({ ids }) {
      const found = ids.map(id => store.checkpoints.get(id)).filter(each => each.removedAt !== null)
      try {
        for (const checkpoint of found) {
          const to = placeOf(checkpoint, 'checkpoints')
          if (await isThere(to))
            throw new AppError('conflict', `The run has saved another ${checkpoint.name} since`)
          await move(checkpoint, to, null)
        }
      } finally {
        tell(found)
      }
      return {}
    },
    removed: () => store.checkpoints.removed(),
    purge({ ids }) {
      const found = ids.map(id => store.checkpoints.get(id))
      const alive = found.find(each => each.removedAt === null)
      if (alive) throw new AppError('conflict', `${alive.name} is not in the trash. Remove it first`)
      return jobs.start({
        kind: 'purge',
        title: `${found.length} checkpoints`,
        run: async options => {
          await supervisor.runTask('delete-folders', { paths: found.map(({ path }) => path) }, options)
          store.writeDurably(() => found.forEach(({ id }) => store.checkpoints.remove(id)))
          tell(found)
          return { freedBytes: found.reduce((sum, each) => sum + each.sizeBytes, 0) }
        },
      })
    },
    usage: () => store.checkpoints.usage().map(each => ({ ...each })),
    planKeeping({ runIds, rule }) {
      const runs = runIds ?? store.checkpoints.usage().map(({ runId }) => runId)
      return runs.flatMap(runId => keepingPlan(store.checkpoints.list(runId), rule))
    },
  }
}

function isMissing(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException).code === 'ENOENT'
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
