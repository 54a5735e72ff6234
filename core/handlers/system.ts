/** The host itself. */
import { availableParallelism, totalmem } from 'node:os'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Workbench } from './ports.ts'

export function systemHandlers(workbench: Workbench): Handlers<WorkbenchContract>['system'] {
  const { about, folders, supervisor, chooseFolder } = workbench
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
    }),
    doctor: () => supervisor.runTask('doctor', {}),
    async chooseFolder({ title }) {
      if (chooseFolder) return { path: await chooseFolder(title) }
      throw new AppError('conflict', 'There is no folder dialog here. Type or paste the path of the folder', {
        remedy: 'Type or paste the path',
      })
    },
  }
}
