/** Looks for a learning rate for a configuration and a data set. */
import { startBackend } from '../../backend/index.ts'
import { parseConfig, resolvePrecision, storagesOf } from '../../experiment/index.ts'
import { findLearningRate as search } from '../../training/index.ts'
import type { Task } from '../protocol.ts'

export const findLearningRate: Task<'find-learning-rate'> = {
  name: 'find-learning-rate',
  run: async ({ config: input, dataset }, watcher) => {
    const config = parseConfig(input)
    watcher.progress('starting', 0, 0)
    await startBackend(config.backend, storagesOf(resolvePrecision(config.precision)), config.device)
    return search(config, dataset, {
      progress: (done, total) => watcher.progress('training', done, total),
      throwIfCancelled: watcher.throwIfCancelled,
    })
  },
}
