/** Which device a run computes on, and how CUDA is told to compute. Written once for processors and GPUs. */
import { AppError } from '../../errors/index.ts'
import type { DeviceFacts, TorchAddon } from './binding.ts'

/** What a configuration may ask for: `auto`, `cpu`, `cuda` or `cuda:N`. */
export const devicePattern = /^(auto|cpu|cuda(:\d+)?)$/

/** The environment of a process of several ranks, each with a GPU of its own. */
export type RankEnvironment = Readonly<Record<string, string | undefined>>

/**
 * The device to compute on. `auto` and `cuda` take the GPU of this rank where there is one; `auto` falls back to the processor, and
 * the environment's MULTIGRAIN_DEVICE is what it takes before all else.
 *
 * @throws AppError invalid-config for what is no device; backend-unavailable naming the devices that are there.
 */
export function chooseDevice(
  asked: string,
  devices: readonly DeviceFacts[],
  environment: RankEnvironment = process.env,
): DeviceFacts {
  const wanted = asked === 'auto' ? environment['MULTIGRAIN_DEVICE'] || 'auto' : asked
  if (!devicePattern.test(wanted)) {
    const message = `device: expected auto, cpu, cuda or cuda:N, got '${wanted}'`
    throw new AppError('invalid-config', message, { field: 'device', value: wanted })
  }
  const gpus = devices.filter(({ name }) => name.startsWith('cuda'))
  const cpu = devices.find(({ name }) => name === 'cpu')!
  if (wanted === 'cpu' || (wanted === 'auto' && gpus.length === 0)) return cpu
  const name = wanted.includes(':') ? wanted : `cuda:${localRank(environment, gpus.length)}`
  const found = gpus.find(each => each.name === name)
  if (found) return found
  const known = devices.map(each => each.name).join(', ')
  const remedy =
    gpus.length > 0
      ? `Choose one of them`
      : `Choose device cpu, or give libtorch a GPU (multigrain doctor says what it needs)`
  const message = `device: expected one of ${known}, which libtorch sees here, got '${wanted}'. ${remedy}`
  throw new AppError('backend-unavailable', message, {
    backend: 'torch',
    field: 'device',
    value: wanted,
    remedy,
  })
}

/** Ranks beyond the number of GPUs share them in turn. */
function localRank(environment: RankEnvironment, gpuCount: number): number {
  const rank = Number(environment['LOCAL_RANK'] ?? 0)
  return Number.isInteger(rank) && rank >= 0 && gpuCount > 0 ? rank % gpuCount : 0
}

/**
 * Sets how CUDA computes: float32 means 32 bits in products too, and the same call gives the same bits, so that a resumed run ends as
 * one that never stopped.
 */
export function makeReproducible(addon: TorchAddon): void {
  addon.setArithmetic(false, false, true)
}

/** What is known of memory, in bytes; null where nothing tells. */
export interface MemoryFigures {
  /** Of tensors that JavaScript holds. */
  readonly heldBytes: number
  /** Of the device, by all processes; of this process where the device is the processor. */
  readonly usedBytes: number
  /** Largest use so far, as far as it is known. */
  readonly peakBytes: number
  /** The most that this process may come to use, with what it uses already. */
  readonly limitBytes: number | null
}

/** Memory of a device. On CUDA the caching allocator keeps what it once had, so that use after a step is the step's peak. */
export function memoryOf(addon: TorchAddon, device: string): MemoryFigures {
  const heldBytes = addon.heldBytes()
  if (device === 'cpu') {
    const { peakBytes, limitBytes } = addon.arenaFigures()
    const usedBytes = process.memoryUsage.rss()
    const grantedBytes = process.availableMemory() + usedBytes
    return { heldBytes, usedBytes, peakBytes, limitBytes: Math.min(limitBytes, grantedBytes) }
  }
  const { freeBytes, totalBytes } = addon.deviceMemory(device)
  if (totalBytes < 0) return { heldBytes, usedBytes: heldBytes, peakBytes: heldBytes, limitBytes: null }
  const usedBytes = totalBytes - freeBytes
  return { heldBytes, usedBytes, peakBytes: usedBytes, limitBytes: freeBytes + heldBytes }
}
