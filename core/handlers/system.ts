/** The host itself. */
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import type { FolderSizes, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { crashFolder, deleteCrashReports, listCrashReports } from './crashReports.ts'
import { costMeter } from './ownCost.ts'
import type { Workbench } from './ports.ts'
import { readSettings } from './settings.ts'

export function systemHandlers(workbench: Workbench): Handlers<WorkbenchContract>['system'] {
  const { about, folders, supervisor, chooseFolder, store } = workbench
  const showFolder = workbench.showFolder ?? null
  const hostCores = costMeter()
  return {
    info: () => ({
      version: about.version,
      shell: about.shell,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      dataFolder: folders.root,
      canChooseFolder: chooseFolder !== null,
      canShowFolder: showFolder !== null,
      isPackaged: about.isPackaged === true,
    }),
    cost: () => ({ hostCores: hostCores() }),
    doctor: () => supervisor.runTask('doctor', { preferred: readSettings(store).backend }),
    async chooseFolder({ title }) {
      if (chooseFolder) return { path: await chooseFolder(title) }
      throw new AppError('conflict', 'There is no folder dialog here. Type or paste the path of the folder', {
        remedy: 'Type or paste the path',
      })
    },
    folderSizes: () => folderSizes(workbench),
    async showFolder({ which }) {
      const path = { data: folders.root, logs: folders.logs, crashes: crashFolder(folders.root) }[which]
      if (showFolder === null)
        throw new AppError('conflict', `There is no file manager here. The folder is ${path}`, {
          value: path,
        })
      await showFolder(path)
      return {}
    },
    crashReports: () => listCrashReports(folders),
    async deleteCrashReports({ ids }) {
      await deleteCrashReports(folders, ids)
      return {}
    },
    components: () => [...(about.components?.() ?? [])],
  }
}

async function folderSizes({
  folders,
  supervisor,
}: Pick<Workbench, 'folders' | 'supervisor'>): Promise<FolderSizes> {
  const parts = [
    { name: 'runs', path: folders.runs },
    { name: 'datasets', path: folders.datasets },
    { name: 'cache', path: folders.cache },
    { name: 'logs', path: folders.logs },
    { name: 'exports', path: join(folders.root, 'exports') },
    { name: 'libtorch', path: join(folders.root, 'libtorch') },
    { name: 'store', path: join(folders.root, 'store.sqlite') },
  ] as const
  const paths = parts.map(({ path }) => path)
  const { sizes, freeBytes } = await supervisor.runTask('measure-folders', { paths })
  const none = { bytes: 0, files: 0 }
  return { parts: parts.map(({ name }, place) => ({ name, ...(sizes[place] ?? none) })), freeBytes }
}
