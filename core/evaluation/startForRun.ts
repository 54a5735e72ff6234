/** Starts a compute backend for a checkpoint, which can be looked at on any machine. */
import { AppError } from '../errors/index.ts'
import { resolvePrecision, storagesOf, type RunConfig, type Storage } from '../experiment/index.ts'
import type { GraphPrecision } from '../graph/index.ts'

/** Starts a backend by the name in a configuration, one that keeps tensors in these storages. */
export type StartBackend = (name: string, storages: readonly Storage[], device: string) => Promise<unknown>

/** @returns the run's precision, or float32 on a backend that has nothing else. */
export async function startWithPrecision(
  startBackend: StartBackend,
  config: RunConfig,
): Promise<GraphPrecision> {
  const precision = resolvePrecision(config.precision)
  try {
    await startOnAnyDevice(startBackend, config, storagesOf(precision))
    return precision
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.code === 'invalid-config')) throw thrown
    await startOnAnyDevice(startBackend, config, ['float32'])
    return { compute: 'float32', storage: 'float32', weights: 'float32' }
  }
}

/** On the run's device, or on another where that one is not here. */
async function startOnAnyDevice(
  startBackend: StartBackend,
  { backend, device }: RunConfig,
  storages: readonly Storage[],
): Promise<void> {
  try {
    await startBackend(backend, storages, device)
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.details['field'] === 'device')) throw thrown
    await startBackend(backend, storages, 'auto')
  }
}
