/** Exports of checkpoints, on workers. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkpoint, Handlers, WorkbenchContract } from '../contract/index.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'

export function exportHandlers(
  { store, supervisor, folders }: Workbench,
  jobs: Jobs,
): Pick<Handlers<WorkbenchContract>['checkpoints'], 'export'> {
  /** Folders that running exports are about to make. */
  const awaited = new Set<string>()
  return {
    export({ id, ...choices }) {
      const checkpoint = store.checkpoints.get(id)
      const folder = freeFolder(folders.root, checkpoint, choices.format, awaited)
      awaited.add(folder)
      const order = { ...choices, power: null, folder, checkpointPath: checkpoint.path, force: false }
      return jobs.start({
        kind: 'export',
        title: `${checkpoint.runId} ${checkpoint.name} as ${choices.format}`,
        run: options =>
          supervisor.runTask('export-checkpoint', order, options).finally(() => awaited.delete(folder)),
      })
    },
  }
}

/** `exports/r-…-step-…-onnx`, with a number where that is taken. */
function freeFolder(
  root: string,
  { runId, name }: Checkpoint,
  format: string,
  awaited: ReadonlySet<string>,
): string {
  const first = join(root, 'exports', `${runId}-${name}-${format}`)
  let folder = first
  for (let copy = 2; awaited.has(folder) || existsSync(folder); copy++) folder = `${first}-${copy}`
  return folder
}
