/** Builds the whole host: store, handlers, supervisor. It knows no transport; a shell carries it. */
import { join } from 'node:path'
import { AppError } from '../core/errors/index.ts'
import {
  contract,
  emitter,
  serve,
  type Link,
  type PushMessage,
  type Settings,
} from '../core/contract/index.ts'
import {
  createHandlers,
  readSettings,
  type About,
  type LibtorchLibrary,
  type Supervisor,
  type Workbench,
} from '../core/handlers/index.ts'
import { lockStore, openStore, type Store, type StoreLock } from '../core/store/index.ts'
import { createAudience, type Audience } from './audience.ts'
import { createBlobs, type Blob } from './blobs.ts'
import { components } from './components.ts'
import { readHostFile, removeHostFile, writeHostFile } from './hostFile.ts'
import { errorLog } from './log.ts'
import { libtorchLibrary } from './libtorch/library.ts'
import { maintain } from './maintenance.ts'
import { homeFolder, isPackaged, projectRoot, version, type HomeFolder } from './paths.ts'
import { Backlog } from './supervision/backlog.ts'
import { defaultLimits } from './supervision/limits.ts'
import { createUploads, type Upload } from './uploads.ts'
import { ProcessSupervisor, type SupervisorOptions } from './supervisor.ts'

export interface HostOptions extends SupervisorOptions {
  readonly dataFolder: string
  readonly shell: About['shell']
  /** The shell's folder dialog. */
  readonly chooseFolder?: (title: string) => Promise<string | null>
  /** The shell's way to show a folder in the file manager. */
  readonly showFolder?: (path: string) => Promise<void>
  /** For tests: a library that neither compiles nor downloads. */
  readonly libtorch?: LibtorchLibrary
  /** Opens the store; for tests of a disk that fails. */
  readonly openStore?: (path: string) => Store
  /** Prepare the sample data set when it is not there: true unless said otherwise. */
  readonly withSample?: boolean
}

export interface Host extends Pick<Audience, 'attach' | 'overhear'> {
  readonly link: Link
  readonly folders: HomeFolder
  /** An image by its path below `/blobs/`. Never throws. */
  blob(path: string): Promise<Blob>
  /** Takes an image that the user brings. Never throws. */
  readonly upload: Upload
  /** Tells other processes of this user where this host listens. */
  announce(address: string, token: string): void
  /** Writes a defect to the log. Never throws. */
  report(error: AppError): void
  /** Lets trainers save, ends all children, closes the store. */
  close(): Promise<void>
}

/** @throws AppError store-in-use, store-newer, store-damaged, disk-full or data-unreadable. */
export async function createHost(options: HostOptions): Promise<Host> {
  const folders = homeFolder(options.dataFolder)
  const lock = lockStore(folders.lock, () => readHostFile(folders.hostFile))
  let store: Store | undefined
  try {
    store = (options.openStore ?? openStore)(folders.store)
    return start(options, folders, lock, store)
  } catch (thrown) {
    store?.close()
    lock.release()
    throw thrown
  }
}

function start(options: HostOptions, folders: HomeFolder, lock: StoreLock, store: Store): Host {
  const report = errorLog(folders.logs)
  const hub = pushHub(report)
  const emit = emitter(contract, hub.send)
  const backlog = storeBacklog(emit, report, options.limits?.diskRetryMs ?? defaultLimits.diskRetryMs)
  const keep: Workbench['keep'] = (write, kind) => backlog.write(write, kind)
  const audience = createAudience(hub.subscribe)
  const { attach, overhear } = audience
  const supervisor = new ProcessSupervisor({ store, emit, folders, keep, report, audience }, options)
  const libtorchFolder = join(folders.root, 'libtorch')
  if (isPackaged()) process.env['MULTIGRAIN_LIBTORCH_FOLDER'] = libtorchFolder
  const workbench: Workbench = {
    ...{ store, supervisor: supervisor as Supervisor, emit, folders, keep, report },
    about: {
      ...{ version: version(), shell: options.shell, isPackaged: isPackaged() },
      components: () => components(projectRoot()),
    },
    chooseFolder: options.chooseFolder ?? null,
    showFolder: options.showFolder ?? null,
    libtorch:
      options.libtorch ??
      libtorchLibrary({ root: projectRoot(), folder: libtorchFolder, isPackaged: isPackaged() }),
  }
  const { handlers, hear, start: startHandlers, close: closeHandlers } = createHandlers(workbench)
  hub.subscribe(hear)
  hub.subscribe(preferBackend(readSettings(store).backend))
  const announce = (address: string | null, token: string | null): void =>
    writeHostFile(folders.hostFile, { pid: process.pid, startedAt: Date.now(), address, token })
  announce(null, null)
  supervisor.start()
  if (options.withSample !== false) attempt(startHandlers, report)
  const endMaintenance = maintain(store, error => {
    report(error)
    if (error.code === 'store-damaged') emit.system.onNotice({ level: 'error', message: error.message })
  })
  const send = serve(contract, handlers, report)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    endMaintenance()
    closeHandlers()
    await supervisor.close()
    // What awaited a task hears of its end now, and may still write it down.
    await new Promise(resolve => setImmediate(resolve))
    if (!backlog.flush()) report(new AppError('disk-full', 'The store closes without its newest figures'))
    removeHostFile(folders.hostFile)
    store.close()
    lock.release()
  }
  return {
    link: { send: request => send(request), subscribe: audience.subscribe },
    ...{ attach, overhear },
    folders,
    blob: createBlobs(workbench),
    upload: createUploads(workbench),
    announce,
    report,
    close: () => (closing ??= close()),
  }
}

/** Tells the processes that compute which backend the user chose; those that run already keep theirs. @returns a listener of pushes. */
function preferBackend(backend: string): (message: PushMessage) => void {
  const given = process.env['MULTIGRAIN_BACKEND']
  const set = (chosen: string): void => {
    const next = chosen === 'auto' ? given : chosen
    if (next === undefined) delete process.env['MULTIGRAIN_BACKEND']
    else process.env['MULTIGRAIN_BACKEND'] = next
  }
  set(backend)
  return ({ push, payload }) => {
    if (push === 'settings.onChanged') set((payload as Settings).backend)
  }
}

/** Hands pushes on; a listener that throws harms nobody else. */
function pushHub(report: (error: AppError) => void) {
  const listeners = new Set<(message: PushMessage) => void>()
  return {
    send(message: PushMessage): void {
      for (const listener of listeners) {
        try {
          listener(message)
        } catch (thrown) {
          report(AppError.from(thrown, `listener of ${message.push}`))
        }
      }
    },
    subscribe(listener: (message: PushMessage) => void): () => void {
      // A function of its own, so that the same listener may subscribe twice.
      const own = (message: PushMessage): void => listener(message)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}

/** What the store's disk does not take is kept, and the user is told what that means and when it is over. */
function storeBacklog(emit: Workbench['emit'], report: (error: AppError) => void, retryMs: number): Backlog {
  const notice = (level: 'info' | 'error', message: string): void => {
    emit.system.onNotice({ level, message })
  }
  return new Backlog({
    retryMs,
    onTrouble(error) {
      report(error)
      if (error.code === 'internal') return
      notice('error', `${error.message}. Training goes on, and its figures are stored once there is room`)
    },
    onRelief: () => notice('info', 'The experiment store can be written again; what waited is stored'),
    onLoss: () =>
      notice(
        'error',
        'The experiment store could not be written for so long that the oldest figures are lost',
      ),
  })
}

function attempt(work: () => unknown, report: (error: AppError) => void): void {
  try {
    work()
  } catch (thrown) {
    report(AppError.from(thrown))
  }
}
