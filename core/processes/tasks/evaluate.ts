/** Evaluates a checkpoint on a split of a data set. */
import { startBackend } from '../../backend/index.ts'
import { judge } from '../judge.ts'
import type { Task } from '../protocol.ts'

export const evaluate: Task<'evaluate'> = {
  name: 'evaluate',
  run: (input, watcher) => {
    watcher.progress('loading', 0, 0)
    const { backend } = input
    return judge(
      {
        ...input,
        startBackend: (configured, storages, device) =>
          backend === null || backend === undefined
            ? startBackend(configured, storages, device)
            : startBackend(backend, storages),
      },
      watcher,
    )
  },
}
