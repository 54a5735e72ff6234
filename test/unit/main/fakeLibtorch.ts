/** A libtorch library that neither compiles nor downloads: what the settings page is shown in tests of other things. */
import { AppError } from '../../../core/errors/index.ts'
import type { LibtorchLibrary } from '../../../core/handlers/index.ts'

export function fakeLibtorch(): LibtorchLibrary {
  const work = async (): Promise<void> => {}
  return {
    state: async () => ({
      current: { version: '2.9.1', path: '/opt/libtorch/lib', origin: '/opt/libtorch', cuda: false },
      ...{ problem: '', choice: 'automatic', partBytes: 0, isFetched: false, compiles: true },
      pinned: {
        version: '2.9.1',
        build: 'cu128',
        url: 'https://example.test/libtorch.zip',
        sha256: 'a'.repeat(64),
      },
    }),
    candidates: async () => [
      {
        ...{ id: 'c-1', origin: 'the torch of python3', path: '/usr/lib/python3/torch/lib' },
        ...{ version: '2.9.1', cuda: true, problem: '' },
      },
    ],
    measure: async () => ({ bytes: 3e9, presentBytes: 0, neededBytes: 1e10, freeBytes: 2e10 }),
    ...{ fetch: work, useFolder: work, useAutomatic: work, deleteFetched: work },
    use: async id => {
      if (id !== 'c-1') throw new AppError('not-found', `There is no libtorch '${id}' in the list any more`)
    },
  }
}
