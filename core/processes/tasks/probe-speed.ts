/** Trains a few steps to see how long they take. */
import { startBackend } from '../../backend/index.ts'
import { parseConfig, resolvePrecision, storagesOf } from '../../experiment/index.ts'
import { probeSpeed as measure } from '../../training/index.ts'
import type { Task } from '../protocol.ts'

export const probeSpeed: Task<'probe-speed'> = {
  name: 'probe-speed',
  run: async ({ config: input, dataset }, watcher) => {
    const config = parseConfig(input)
    watcher.progress('starting', 0, 0)
    const storages = storagesOf(resolvePrecision(config.precision))
    const { name, device } = await startBackend(config.backend, storages, config.device)
    const measured = await measure(config, dataset, watcher)
    return { backend: name, device, batchSize: config.training.batchSize, ...measured }
  },
}
