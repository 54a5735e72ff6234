/** The library behind the `torch` backend. What it takes to find, fetch and use one is the host's affair. */
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Jobs } from './jobs.ts'
import type { LibtorchLibrary, Workbench } from './ports.ts'

export function libtorchHandlers(workbench: Workbench, jobs: Jobs): Handlers<WorkbenchContract>['libtorch'] {
  const { chooseFolder } = workbench
  const library = (): LibtorchLibrary => {
    if (workbench.libtorch) return workbench.libtorch
    throw new AppError('conflict', 'This host cannot change the libtorch in use')
  }
  const start = (title: string, run: Parameters<Jobs['start']>[0]['run']): { readonly id: string } =>
    jobs.start({ kind: 'libtorch', title, run })
  return {
    state: async () => ({ ...(await library().state()), canChooseFolder: chooseFolder !== null }),
    candidates: () => library().candidates(),
    measure: () => library().measure(),
    fetch: () => start('Fetch libtorch', options => library().fetch(options)),
    use: ({ id }) => start('Use another libtorch', options => library().use(id, options)),
    async useFolder() {
      if (chooseFolder === null) {
        const message = 'There is no folder dialog here. Start the workbench with LIBTORCH=/path/of/libtorch'
        throw new AppError('conflict', message, { remedy: 'Set LIBTORCH' })
      }
      const path = await chooseFolder('Choose the folder of a libtorch')
      return path === null
        ? null
        : start('Use another libtorch', options => library().useFolder(path, options))
    },
    useAutomatic: () => start('Use another libtorch', options => library().useAutomatic(options)),
    async deleteFetched() {
      await library().deleteFetched()
      return {}
    },
  }
}
