/**
 * The libtorch that an installed package uses instead of its own: `<data folder>/libtorch/active` holds the addon for it and, in
 * `current.json`, what set-up would have written of it in a checkout. Nothing is compiled: the package brings the addon for its one version.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import { libtorchVersion } from './pins.ts'

/** What set-up knows of a libtorch, as far as it matters here. */
export interface Found {
  readonly origin: string
  readonly path: string
  readonly version: string
  readonly cxx11Abi: boolean
  readonly cuda: boolean
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly mtimeMs: number }[]
}

/** `prebuilt/prebuilt.json` of a package. */
interface Prebuilt {
  readonly version: string
  readonly nodeApi: number
  readonly arch: string
  /** File names beside it, for a libtorch with and without CUDA. */
  readonly addons: { readonly cpu: string | null; readonly cuda: string | null }
}

const activeFolder = (folder: string): string => join(folder, 'active')

/**
 * Copies the fitting addon and records the libtorch.
 * @param root of the package. @param folder `<data folder>/libtorch`.
 * @throws AppError conflict when the package has no addon for it.
 */
export function activate(root: string, folder: string, found: Found): void {
  const prebuilt = readJson<Prebuilt>(join(root, 'prebuilt', 'prebuilt.json'))
  const name = prebuilt?.addons[found.cuda ? 'cuda' : 'cpu'] ?? null
  const version = prebuilt?.version ?? libtorchVersion
  if (prebuilt === null || name === null) {
    const what = found.cuda ? 'one with CUDA' : 'one of the processor alone'
    throw new AppError(
      'conflict',
      `This package brings no addon for another libtorch, ${what}, on this system`,
    )
  }
  if (found.version !== version) {
    const message = `${found.path} is libtorch ${found.version}, and this package is made for ${version}. Fetch that one, or install torch==${version}`
    throw new AppError('conflict', message, { value: found.version, expected: version })
  }
  const draft = `${activeFolder(folder)}.${process.pid}`
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  try {
    copyFileSync(join(root, 'prebuilt', name), join(draft, 'torch.node'))
    const current = {
      ...{ format: 1, sources: '', asked: '', compiler: '', failure: null },
      ...{ arch: prebuilt.arch, nodeApi: prebuilt.nodeApi },
      product: { path: 'torch.node', sizeBytes: statSync(join(draft, 'torch.node')).size },
      libtorch: found,
    }
    writeFileSync(join(draft, 'current.json'), `${JSON.stringify(current, null, 2)}\n`)
    rmSync(activeFolder(folder), { recursive: true, force: true })
    renameSync(draft, activeFolder(folder))
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true })
    throw AppError.from(thrown, 'Taking another libtorch into use')
  }
}

/** Whether a package brings an addon for a libtorch with CUDA. */
export function takesCuda(root: string): boolean {
  return (readJson<Prebuilt>(join(root, 'prebuilt', 'prebuilt.json'))?.addons.cuda ?? null) !== null
}

/** Back to the package's own. */
export function deactivate(folder: string): void {
  rmSync(activeFolder(folder), { recursive: true, force: true })
}

/**
 * What a child that computes must find in its environment. A library is found by the system's loader, which reads its search path when a
 * program starts: the host cannot set it for itself, and need not, as it loads none.
 * @param folder `<data folder>/libtorch`, or undefined where the addon of the checkout or the package is used.
 */
export function nativeEnvironment(
  folder: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const active = folder === undefined ? null : activeFolder(folder)
  const current = active === null ? null : readJson<{ libtorch: Found }>(join(active, 'current.json'))
  if (active === null || current === null) return {}
  const name = platform === 'win32' ? 'PATH' : platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  const before = environment[name]
  const path = before ? `${current.libtorch.path}${delimiter}${before}` : current.libtorch.path
  return { MULTIGRAIN_NATIVE: active, [name]: path }
}

/** What is active; null where it is the package's own. */
export function activeLibtorch(folder: string): Found | null {
  return readJson<{ libtorch: Found }>(join(activeFolder(folder), 'current.json'))?.libtorch ?? null
}

export function readJson<T>(path: string): T | null {
  if (!existsSync(path)) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return null
  }
}
