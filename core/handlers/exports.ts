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

/** `exports/r-…-step-…-onnx`, or with the name that the user gave it, and with a number where that is taken. */
function freeFolder(
  root: string,
  { runId, name, label }: Checkpoint,
  format: string,
  awaited: ReadonlySet<string>,
): string {
  const first = join(root, 'exports', `${runId}-${asFileName(label) || name}-${format}`)
  let folder = first
  for (let copy = 2; awaited.has(folder) || existsSync(folder); copy++) folder = `${first}-${copy}`
  return folder
}

/** Letters and digits of any script, with hyphens for what lies between them. */
function asFileName(label: string): string {
  return label
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60)
}
