/** Folders of the machine that runs the workbench, for a page in a browser: it has no dialog for them. */
import { homedir } from 'node:os'
import { dirname, isAbsolute, normalize } from 'node:path'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Workbench } from './ports.ts'

export function folderLooker({
  supervisor,
}: Pick<Workbench, 'supervisor'>): Handlers<WorkbenchContract>['datasets']['lookIntoFolder'] {
  return async ({ path: wanted }) => {
    const path = normalize(wanted ?? homedir()).replace(/(?<=.)[\\/]+$/, '')
    if (!isAbsolute(path) || path.includes('\0')) {
      const message = `path: expected an absolute path, got '${path}'`
      throw new AppError('invalid-request', message, { field: 'path', value: path })
    }
    const { folders, recognised, ...found } = await supervisor.runTask('look-into-folder', { path })
    const parent = dirname(path)
    return { path, parent: parent === path ? null : parent, folders: [...folders], recognised, ...found }
  }
}
