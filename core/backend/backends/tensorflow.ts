/**
 * TensorFlow's own kernels through `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, both optional. Their native
 * library (TensorFlow 2.9.1: CUDA 11.2, up to Ampere and Ada) is fetched only by the set-up step of that name.
 */
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { existsSync, readdirSync } from 'node:fs'
import nodeUtil from 'node:util'
import { dirname, join } from 'node:path'
import { AppError } from '../../errors/index.ts'
import type { BackendEntry, Probe } from './shared/backend.ts'
import { nvidiaGpu } from './shared/nvidia-gpu.ts'
import type { NvidiaGpu } from './shared/nvidia-gpu.ts'

export const tensorflow: BackendEntry = tensorflowBackend(createRequire(import.meta.url), nvidiaGpu)

/** The parts of Node's `require` that finding and loading a package takes. */
export interface PackageLoader {
  (id: string): unknown
  resolve(id: string): string
}

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const
const remedy = 'Run: npm run -s multigrain -- setup tensorflow'

/** CUDA 11.2, which this TensorFlow is built with, knows no GPU after Ada. */
const newestCapability = 8.9

/** The backend over a given way of loading packages and of finding a GPU. */
export function tensorflowBackend(
  packageLoader: PackageLoader,
  findGpu: () => Promise<NvidiaGpu | null>,
): BackendEntry {
  return {
    name: 'tensorflow',
    summary: 'TensorFlow 2.9 for Node: NVIDIA GPUs up to Ada with CUDA 11.2, or all processor cores',
    probe: () => probe(packageLoader, findGpu),
    load: async () => load(packageLoader),
  }
}

async function probe(packageLoader: PackageLoader, findGpu: () => Promise<NvidiaGpu | null>): Promise<Probe> {
  const found = findInstalled(packageLoader)
  if (typeof found === 'string') return { available: false, detail: found, remedy }
  const processor = cpus()[0]?.model.trim() ?? 'CPU'
  const onProcessor = (detail: string): Probe => ({
    available: true,
    kind: 'native-cpu',
    device: processor,
    detail,
  })
  if (found.name !== '@tensorflow/tfjs-node-gpu') return onProcessor(`${found.name} on the processor`)
  const gpu = await findGpu()
  if (gpu === null) return onProcessor(`${found.name} on the processor, as no NVIDIA GPU was found`)
  if (gpu.computeCapability > newestCapability) {
    return onProcessor(`${found.name} on the processor, as its CUDA 11.2 is older than the GPU (${gpu.name})`)
  }
  return { available: true, kind: 'gpu', device: gpu.name, detail: `${found.name} on CUDA` }
}

function load(packageLoader: PackageLoader): void {
  const found = findInstalled(packageLoader)
  if (typeof found === 'string') {
    throw new AppError('backend-unavailable', `Backend 'tensorflow': ${found}. ${remedy}`, {
      backend: 'tensorflow',
      remedy,
    })
  }
  restoreRemovedUtilities()
  try {
    packageLoader(found.name)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Backend 'tensorflow': ${found.name} does not load: ${reason}. ${remedy}`
    throw new AppError('backend-unavailable', message, { backend: 'tensorflow', remedy }, error)
  }
}

/** The first package whose native library is there, or why none is. */
function findInstalled(packageLoader: PackageLoader): { readonly name: string } | string {
  const reasons: string[] = []
  for (const name of packages) {
    const folder = packageFolder(packageLoader, name)
    if (folder === null) reasons.push(`${name} is not installed`)
    else if (!hasNativeLibrary(folder)) reasons.push(`${name} is installed without its TensorFlow library`)
    else return { name }
  }
  return reasons.join('; ')
}

function packageFolder(packageLoader: PackageLoader, name: string): string | null {
  try {
    return dirname(packageLoader.resolve(`${name}/package.json`))
  } catch {
    return null
  }
}

/** The add-on lies in `lib/napi-v<version>/`, beside or linked to the library in `deps/lib`. */
function hasNativeLibrary(folder: string): boolean {
  const addonRoot = join(folder, 'lib')
  if (!existsSync(addonRoot) || !existsSync(join(folder, 'deps', 'lib'))) return false
  return readdirSync(addonRoot).some(version => existsSync(join(addonRoot, version, 'tfjs_binding.node')))
}

/** tfjs-node calls functions that Node 23 removed from `util`, or that warn. */
function restoreRemovedUtilities(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: value => value === null || value === undefined,
    isArray: Array.isArray,
    isString: value => typeof value === 'string',
  }
  const target = nodeUtil as unknown as Record<string, unknown>
  Object.assign(target, removed)
}
