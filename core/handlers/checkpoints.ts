/** Checkpoints of runs. */
import { access, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Checkpoint, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { checkpointImageHandlers } from './checkpointImages.ts'
import { checkpointTrashHandlers } from './checkpointTrash.ts'
import { exportHandlers } from './exports.ts'
import { sizeOfFolder } from './folders.ts'
import { weightsImporter } from './importWeights.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'

/** File in a checkpoint that keeps it whatever the retention rule says; see core/checkpoints/checkpointFolder.ts. */
const pinnedFile = 'pinned'

export function checkpointHandlers(
  workbench: Workbench,
  jobs: Jobs,
): Handlers<WorkbenchContract>['checkpoints'] {
  const { store, supervisor, emit } = workbench
  return {
    ...exportHandlers(workbench, jobs),
    ...checkpointTrashHandlers(workbench, jobs),
    import: weightsImporter(workbench, jobs),
    ...checkpointImageHandlers(workbench),
    list({ runId }) {
      store.runs.get(runId)
      return Promise.all(store.checkpoints.list(runId).map(withPresence))
    },
    get: ({ id }) => withPresence(store.checkpoints.get(id)),
    rename({ id, label }) {
      const { runId } = store.checkpoints.get(id)
      store.writeDurably(() => store.checkpoints.label(id, label))
      emit.checkpoints.onChanged({ runId })
      return {}
    },
    async pin({ id, isPinned }) {
      const { runId, path } = store.checkpoints.get(id)
      // The trainer deletes by its retention rule and knows a pinned one by this file.
      if (isPinned) await writeFile(join(path, pinnedFile), '')
      else await rm(join(path, pinnedFile), { force: true })
      store.writeDurably(() => store.checkpoints.pin(id, isPinned))
      emit.checkpoints.onChanged({ runId })
      return {}
    },
    async remove({ id }) {
      const checkpoint = store.checkpoints.get(id)
      refuseRemoval(checkpoint)
      const freedBytes = await sizeOfFolder(checkpoint.path)
      await removeWhole(checkpoint)
      store.writeDurably(() => store.checkpoints.remove(id))
      emit.checkpoints.onChanged({ runId: checkpoint.runId })
      return { freedBytes }
    },
    async verify({ id }) {
      const { path, runId } = store.checkpoints.get(id)
      const verdict = await supervisor.runTask('verify-checkpoint', { path })
      store.writeDurably(() => store.checkpoints.setStatus(id, verdict.status))
      emit.checkpoints.onChanged({ runId })
      return verdict
    },
  }
}

/** Under another name first, so that a crash midway leaves no half of a checkpoint; the next save clears such names away. */
async function removeWhole({ path, name }: Checkpoint): Promise<void> {
  const doomed = join(dirname(path), `.deleting-${name}`)
  await rm(doomed, { recursive: true, force: true })
  try {
    await rename(path, doomed)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return
    throw thrown
  }
  await rm(doomed, { recursive: true, force: true })
}

/** A checkpoint whose folder someone deleted is shown as missing. */
async function withPresence(checkpoint: Checkpoint): Promise<Checkpoint> {
  const isThere = await access(checkpoint.path).then(
    () => true,
    () => false,
  )
  return isThere ? checkpoint : { ...checkpoint, status: 'missing' }
}

function refuseRemoval(checkpoint: Checkpoint): void {
  const { name, isNewest, isPinned } = checkpoint
  if (isNewest) {
    throw new AppError(
      'conflict',
      `${name} is the newest valid checkpoint of its run, which resumes from it. Delete the run instead`,
    )
  }
  if (isPinned) throw new AppError('conflict', `${name} is pinned. Unpin it first`)
}
