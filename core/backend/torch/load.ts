/**
 * The only place that loads the native addon. `findAddon` looks at what set-up has recorded and at the files themselves, and loads
 * nothing: libtorch takes memory and threads, and only processes that compute may have it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../../errors/index.ts'
import type { TorchAddon } from './binding.ts'
import { explainFailure } from './loadFailure.ts'

/** Where set-up puts the addon. */
const ownFolder = join(import.meta.dirname, '..', 'native', 'build')
/** A package may use another libtorch than its own; its addon lies in the data folder then. */
export const addonFolder = process.env['MULTIGRAIN_NATIVE'] ?? ownFolder
const remedy =
  addonFolder === ownFolder
    ? 'Run: npm run -s multigrain -- setup native'
    : 'Choose a libtorch under Settings, Native libraries'

/** A libtorch as set-up found it. */
export interface Libtorch {
  /** Where it was found, in words. */
  readonly origin: string
  /** The folder of its libraries. */
  readonly path: string
  readonly version: string
  /** Its `_GLIBCXX_USE_CXX11_ABI`. */
  readonly cxx11Abi: boolean
  readonly cuda: boolean
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly mtimeMs: number }[]
}

/** The addon that set-up has built. */
export interface BuiltAddon {
  readonly path: string
  readonly libtorch: Libtorch
}

export type AddonFinding =
  { readonly addon: BuiltAddon } | { readonly addon: null; readonly detail: string; readonly remedy: string }

/** `current.json`, which set-up writes. */
interface Recorded {
  readonly format: 1
  readonly arch: string
  readonly nodeApi: number
  readonly product: { readonly path: string; readonly sizeBytes: number } | null
  readonly libtorch: Libtorch | null
  readonly failure: { readonly message: string; readonly remedy: string } | null
}

/** Looks for the addon without loading it. */
export function findAddon(folder: string = addonFolder): AddonFinding {
  const recorded = readRecord(folder)
  if (recorded === null) return missing('the native addon is not built yet')
  const { product, libtorch, failure } = recorded
  if (failure !== null) return { addon: null, detail: failure.message, remedy: failure.remedy }
  if (product === null || libtorch === null) return missing('the native addon is half built')
  const path = join(folder, product.path)
  const detail = misfit(recorded) ?? damage(path, product.sizeBytes) ?? changeOf(libtorch)
  return detail === null ? { addon: { path, libtorch } } : missing(detail)
}

/**
 * Loads the addon, and libtorch with it.
 *
 * @throws AppError backend-unavailable, with path, ABI and remedy.
 */
export function loadAddon(folder: string = addonFolder): TorchAddon {
  const found = findAddon(folder)
  if (found.addon === null) throw unavailable(found.detail, found.remedy)
  const { addon } = found
  const holder = { exports: {} }
  try {
    process.dlopen(holder, addon.path)
  } catch (error) {
    const { reason, remedy: cure } = explainFailure(error, addon)
    const { version, path, cxx11Abi } = addon.libtorch
    const built = `libtorch ${version} in ${path}, _GLIBCXX_USE_CXX11_ABI=${cxx11Abi ? 1 : 0}`
    throw unavailable(`${addon.path} (${built}) does not load: ${reason}`, cure, error)
  }
  return holder.exports as TorchAddon
}

function readRecord(folder: string): Recorded | null {
  try {
    const recorded = JSON.parse(readFileSync(join(folder, 'current.json'), 'utf8')) as Recorded
    if (recorded.format !== 1) return null
    const { libtorch } = recorded
    // A package is installed anywhere: it names its libtorch from its own folder.
    return libtorch === null
      ? recorded
      : { ...recorded, libtorch: { ...libtorch, path: resolve(folder, libtorch.path) } }
  } catch {
    return null // never written, or by a set-up that this version does not understand
  }
}

/** Built by another Node or on another machine, as when a folder is copied. Node itself crashes on an addon for a newer Node-API. */
function misfit({ arch, nodeApi }: Recorded): string | null {
  if (arch !== process.arch) return `the native addon is built for ${arch}, and this Node for ${process.arch}`
  const offered = Number(process.versions['napi'])
  if (nodeApi <= offered) return null
  return `the native addon needs Node-API ${nodeApi}, and Node ${process.versions.node} has ${offered}`
}

function damage(path: string, sizeBytes: number): string | null {
  if (!existsSync(path)) return `the native addon is half built: ${path} is missing`
  const found = statSync(path).size
  return found === sizeBytes
    ? null
    : `the native addon is damaged: ${path} has ${found} of ${sizeBytes} bytes`
}

/** An addon is made for one libtorch: with another it may load and compute nonsense. */
function changeOf({ version, path, files }: Libtorch): string | null {
  for (const file of files) {
    if (!existsSync(file.path)) return `libtorch ${version} is no longer in ${path}: ${file.path} is missing`
    const { size, mtimeMs } = statSync(file.path)
    if (size !== file.sizeBytes || Math.round(mtimeMs) !== file.mtimeMs)
      return `libtorch in ${path} was replaced since the native addon was built for its version ${version} (${file.path} has changed)`
  }
  return null
}

function missing(detail: string): AddonFinding {
  return { addon: null, detail, remedy }
}

function unavailable(detail: string, cure: string, cause?: unknown): AppError {
  const message = `Backend 'torch': ${detail}. ${cure}`
  return new AppError('backend-unavailable', message, { backend: 'torch', remedy: cure }, cause)
}
