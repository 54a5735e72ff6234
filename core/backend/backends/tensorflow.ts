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

export const tensorflow: BackendEntry = tensorflowBackend(createRequire(import.meta.url))

/** The parts of Node's `require` that finding and loading a package takes. */
export interface PackageLoader {
  (id: string): unknown
  resolve(id: string): string
}

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const
const remedy = 'Run: npm run -s multigrain -- setup tensorflow'

/** The backend over a given way of loading packages. */
export function tensorflowBackend(packageLoader: PackageLoader): BackendEntry {
  return {
    name: 'tensorflow',
    summary: 'TensorFlow 2.9 for Node: NVIDIA GPUs up to Ada with CUDA 11.2, or all processor cores',
    probe: async () => probe(packageLoader),
    load: async () => load(packageLoader),
  }
}

function probe(packageLoader: PackageLoader): Probe {
  const found = findInstalled(packageLoader)
  if (typeof found === 'string') return { available: false, detail: found, remedy }
  const processor = cpus()[0]?.model.trim() ?? 'CPU'
  const gpu = found.name === '@tensorflow/tfjs-node-gpu' ? nvidiaDevice() : null
  if (gpu !== null) return { available: true, kind: 'gpu', device: gpu, detail: `${found.name} on CUDA` }
  return { available: true, kind: 'native-cpu', device: processor, detail: `${found.name} on the processor` }
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

/** The first NVIDIA device that the Linux driver lists; null elsewhere. */
function nvidiaDevice(): string | null {
  return existsSync('/proc/driver/nvidia/version') ? 'NVIDIA GPU' : null
}

/** tfjs-node calls functions that Node 23 removed from `util`. */
function restoreRemovedUtilities(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: value => value === null || value === undefined,
    isArray: Array.isArray,
    isString: value => typeof value === 'string',
  }
  const target = nodeUtil as unknown as Record<string, unknown>
  for (const [name, test] of Object.entries(removed)) target[name] ??= test
}
