/** Evaluates a checkpoint on a split of a data set. */
import { startBackend, type Storage } from '../../backend/index.ts'
import { AppError } from '../../errors/index.ts'
import { evaluate as evaluateCheckpoint } from '../../evaluation/index.ts'
import type { Task } from '../protocol.ts'

export const evaluate: Task<'evaluate'> = {
  name: 'evaluate',
  run: async ({ checkpointPath, dataset, split, backend, batchSize }, watcher) => {
    watcher.progress('loading', 0, 0)
    const order = {
      ...{ checkpointPath, dataset, split, batchSize },
      startBackend: (configured: string, storages: readonly Storage[], device: string) =>
        backend === null || backend === undefined
          ? startBackend(configured, storages, device)
          : startBackend(backend, storages),
    }
    const figures = await evaluateCheckpoint(order, {
      progress: (done, total) => watcher.progress('evaluating', done, total),
      isCancelled: () => {
        watcher.throwIfCancelled()
        return false
      },
    })
    if (figures === null) throw new AppError('internal', 'The evaluation ended without figures')
    return figures
  },
}
