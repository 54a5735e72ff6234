/** The library behind the `torch` backend, as the settings page shows and changes it. */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import type { LibtorchCandidate, LibtorchState } from '../../core/contract/index.ts'
import type { LibtorchLibrary, TaskOptions } from '../../core/handlers/index.ts'
import { nodePath } from '../nodePath.ts'
import { scriptPath } from '../paths.ts'
import { thisMachine } from '../setup/machine.mjs'
import { chosenLibtorch } from '../setup/native/choice.mjs'
import { findLibtorch, listLibtorch } from '../setup/native/libtorch.mjs'
import { activate, activeLibtorch, deactivate, readJson, takesCuda, type Found } from './active.ts'
import { compileFor } from './compile.ts'
import { discardPart, folderOf, measure, partBytes } from './fetch.ts'
import type { FromFetcher } from './fetchProcess.ts'
import { pinnedForGpu, type PinnedLibtorch } from './pins.ts'

export interface LibraryOptions {
  /** Folder of the checkout or the package. */
  readonly root: string
  /** `<data folder>/libtorch`. */
  readonly folder: string
  readonly isPackaged: boolean
  /** For tests: a pinned libtorch of their own. */
  readonly pinned?: PinnedLibtorch | null
}

interface Record {
  readonly libtorch: Found | null
  readonly failure: { readonly message: string; readonly remedy: string } | null
}

export function libtorchLibrary({ root, folder, isPackaged, ...rest }: LibraryOptions): LibtorchLibrary {
  const own = isPackaged && !takesCuda(root) ? null : pinnedForGpu(process.platform, process.arch)
  const pinned = rest.pinned === undefined ? own : rest.pinned
  const candidates = new Map<string, string>()
  let isBusy = false

  /** One at a time: two would write the same files. */
  const alone = async (work: () => Promise<void>): Promise<void> => {
    if (isBusy)
      throw new AppError('conflict', 'Another libtorch is being taken into use. Wait for it, or cancel it')
    isBusy = true
    try {
      await work()
    } finally {
      isBusy = false
    }
  }
  const take = async (path: string, options: Required<TaskOptions>): Promise<void> => {
    const machine = { ...thisMachine(root), env: { ...process.env, LIBTORCH: path } }
    const { libtorch, reason } = await findLibtorch(machine)
    if (libtorch === null)
      throw new AppError('data-invalid', `${path} cannot be used: ${reason}`, { value: path })
    if (isPackaged) activate(root, folder, { ...libtorch, origin: path })
    else await compileFor(root, path, options)
  }
  const needed = (): PinnedLibtorch => {
    if (pinned !== null) return pinned
    throw new AppError('conflict', `There is no libtorch to fetch for ${process.platform} on ${process.arch}`)
  }

  return {
    async state(): Promise<Omit<LibtorchState, 'canChooseFolder'>> {
      const fetched = pinned === null ? null : folderOf(folder, pinned)
      const chosen = isPackaged ? (activeLibtorch(folder)?.origin ?? null) : chosenLibtorch(root)
      const choice = chosen === null ? 'automatic' : chosen === fetched ? 'fetched' : 'folder'
      return {
        ...currentOf(isPackaged && chosen !== null ? join(folder, 'active') : join(root, addonBuild)),
        choice,
        pinned: pinned && {
          version: pinned.version,
          build: pinned.build,
          url: pinned.url,
          sha256: pinned.sha256,
        },
        partBytes: pinned === null ? 0 : await partBytes(pinned, folder),
        isFetched: fetched !== null && existsSync(fetched),
        compiles: !isPackaged,
      }
    },
    async candidates(): Promise<LibtorchCandidate[]> {
      const found = await listLibtorch(thisMachine(root))
      return found.map(({ folder: path, origin, libtorch, reason }) => {
        const id = `c-${createHash('sha256').update(`${origin} ${path}`).digest('hex').slice(0, 12)}`
        candidates.set(id, path)
        const { version = '', cuda = false } = libtorch ?? {}
        return { id, origin, path: libtorch?.path ?? path, version, cuda, problem: reason ?? '' }
      })
    },
    measure: () => measure(needed(), folder, AbortSignal.timeout(20_000)),
    fetch: options =>
      alone(async () => {
        // It appears whole or not at all, so that one that is there is good.
        const made = folderOf(folder, needed())
        await take(existsSync(made) ? made : await fetchInChild(needed(), folder, options), options)
      }),
    use: (id, options) =>
      alone(async () => {
        const path = candidates.get(id)
        if (path === undefined)
          throw new AppError('not-found', `There is no libtorch '${id}' in the list any more. Look again`)
        if (path !== '') return take(path, options)
        // The system's has no folder of its own; it is what set-up finds where no Python has torch.
        if (isPackaged)
          throw new AppError(
            'conflict',
            "The system's libtorch is not the version that this package is made for",
          )
        return compileFor(root, null, options)
      }),
    useFolder: (path, options) => alone(() => take(path, options)),
    useAutomatic: options =>
      alone(async () => {
        if (isPackaged) deactivate(folder)
        else await compileFor(root, null, options)
      }),
    async deleteFetched() {
      if (isBusy)
        throw new AppError('conflict', 'A libtorch is being fetched or taken into use. Cancel that first')
      const made = folderOf(folder, needed())
      if (made === (isPackaged ? activeLibtorch(folder)?.origin : chosenLibtorch(root)))
        throw new AppError('conflict', 'It is in use. Choose another libtorch first, or the automatic choice')
      await discardPart(needed(), folder)
      await rm(made, { recursive: true, force: true })
    },
  }
}

const addonBuild = join('core', 'backend', 'native', 'build')

/** What `current.json` of an addon says. */
function currentOf(build: string): Pick<LibtorchState, 'current' | 'problem'> {
  const record = readJson<Record>(join(build, 'current.json'))
  if (record === null) return { current: null, problem: 'The native addon is not built yet' }
  const { libtorch, failure } = record
  if (failure !== null || libtorch === null)
    return { current: null, problem: failure === null ? '' : `${failure.message}. ${failure.remedy}` }
  const { version, path, origin, cuda } = libtorch
  return { current: { version, path: resolve(build, path), origin, cuda }, problem: '' }
}

/** @returns the folder. */
function fetchInChild(
  pinned: PinnedLibtorch,
  folder: string,
  options: Required<TaskOptions>,
): Promise<string> {
  const { onProgress, signal } = options
  const child = fork(scriptPath('main', 'libtorch', 'fetchProcess'), [], {
    ...{ execPath: nodePath(), execArgv: ['--use-env-proxy', '--disable-warning=ExperimentalWarning'] },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise<string>((resolve, reject) => {
    const startedAt = performance.now()
    let first: number | null = null
    signal.addEventListener('abort', () => child.disconnect(), { once: true })
    child.on('message', (message: FromFetcher) => {
      if (message.type === 'done') return resolve(message.folder)
      if (message.type === 'failed') return reject(AppError.fromReply(message.error))
      const { phase, done, total } = message
      first ??= done
      const rate = (done - first) / (performance.now() - startedAt)
      onProgress({ phase, done, total, etaMs: rate > 0 && total > 0 ? (total - done) / rate : null })
    })
    child.on('error', error => reject(AppError.from(error, 'Fetching libtorch')))
    child.on('exit', code => {
      if (signal.aborted) reject(new AppError('cancelled', 'The download was stopped; what has come is kept'))
      else
        reject(new AppError('trainer-lost', `The process that fetches libtorch ended with exit code ${code}`))
    })
    child.send({ pinned, folder })
  })
}
