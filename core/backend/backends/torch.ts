/**
 * libtorch through our native addon, which set-up builds where it finds a libtorch: all cores of the processor, or CUDA where that
 * libtorch has it.
 */
import { cpus } from 'node:os'
import { registerBackend, removeBackend } from '@tensorflow/tfjs-core'
import { chooseDevice, makeReproducible } from '../torch/device.ts'
import { findAddon, loadAddon } from '../torch/load.ts'
import type { AddonFinding } from '../torch/load.ts'
import type { TorchAddon } from '../torch/binding.ts'
import { nvidiaGpu } from './shared/nvidia-gpu.ts'
import type { NvidiaGpu } from './shared/nvidia-gpu.ts'
import type { BackendEntry, Probe } from './shared/backend.ts'

/** How the addon and a GPU are found; tests put others in their place. */
export interface TorchSources {
  find(): AddonFinding
  load(): TorchAddon
  gpu(): Promise<NvidiaGpu | null>
}

export const torch: BackendEntry = torchBackend({ find: findAddon, load: loadAddon, gpu: visibleGpu })

/** The backend over a given addon. */
export function torchBackend(sources: TorchSources): BackendEntry {
  let addon: TorchAddon | undefined
  let registered: string | null = null
  return {
    name: 'torch',
    summary: 'libtorch: all processor cores, or any NVIDIA GPU where that libtorch has CUDA',
    isPreferred: true,
    storages: ['float32', 'bfloat16', 'float16'],
    choosesDevice: true,
    probe: () => probe(sources),
    load: async (wanted = 'auto') => {
      shortenWaiting()
      const loaded = (addon ??= sources.load())
      const { name, title } = chooseDevice(wanted, loaded.devices())
      if (registered !== name) {
        const { TorchBackend } = await import('../torch/backend.ts')
        const { registerTorchKernels } = await import('../torch/register.ts')
        // tfjs keeps one backend of a name, and with it its tensors.
        if (registered !== null) removeBackend('torch')
        makeReproducible(loaded)
        registerBackend('torch', () => new TorchBackend(loaded, name))
        registerTorchKernels()
        registered = name
      }
      return name === 'cpu' ? processorName() : `${title} (${name})`
    },
  }
}

/**
 * The threads of one operation wait for each other by spinning. A millisecond of it, GCC's default, takes the core from the very thread
 * that is waited for as soon as anything else runs on this machine: measured at half the speed and less. A few microseconds cost nothing.
 */
function shortenWaiting(): void {
  if (process.env['OMP_WAIT_POLICY'] === undefined) process.env['GOMP_SPINCOUNT'] ??= '1000'
}

/** Reads what set-up has recorded; libtorch itself is left alone. */
async function probe({ find, gpu: findGpu }: TorchSources): Promise<Probe> {
  const found = find()
  if (found.addon === null) return { available: false, detail: found.detail, remedy: found.remedy }
  const { version, origin, cuda } = found.addon.libtorch
  const library = `libtorch ${version} (${origin})`
  const gpu = await findGpu()
  if (gpu !== null && cuda)
    return { available: true, kind: 'gpu', device: gpu.name, detail: `${library} on CUDA` }
  const device = processorName()
  const detail = `${library} on all cores of the processor`
  if (gpu === null) return { available: true, kind: 'native-cpu', device, detail }
  const advice = `torch: ${gpu.name} is here, and this libtorch has no CUDA. Install a PyTorch with CUDA (https://pytorch.org) for the Python on your PATH, then run: npm run -s multigrain -- setup native`
  return { available: true, kind: 'native-cpu', device, detail, advice }
}

function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'CPU'
}

/** The first GPU, unless the environment hides all from CUDA. */
async function visibleGpu(): Promise<NvidiaGpu | null> {
  const visible = process.env['CUDA_VISIBLE_DEVICES']
  return visible === '' || visible === '-1' ? null : nvidiaGpu()
}
