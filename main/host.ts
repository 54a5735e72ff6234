/** Builds the whole host: store, handlers, supervisor. It knows no transport; a shell carries it. */
import { AppError } from '../core/errors/index.ts'
import { contract, emitter, serve, type Link, type PushMessage } from '../core/contract/index.ts'
import { createHandlers, type About, type Supervisor, type Workbench } from '../core/handlers/index.ts'
import { lockStore, openStore, type Store, type StoreLock } from '../core/store/index.ts'
import { createBlobs, type Blob } from './blobs.ts'
import { readHostFile, removeHostFile, writeHostFile } from './hostFile.ts'
import { errorLog } from './log.ts'
import { homeFolder, version, type HomeFolder } from './paths.ts'
import { ProcessSupervisor, type SupervisorOptions } from './supervisor.ts'

export interface HostOptions extends SupervisorOptions {
  readonly dataFolder: string
  readonly shell: About['shell']
  /** The shell's folder dialog. */
  readonly chooseFolder?: (title: string) => Promise<string | null>
  /** Prepare the sample data set when it is not there: true unless said otherwise. */
  readonly withSample?: boolean
}

export interface Host {
  readonly link: Link
  readonly folders: HomeFolder
  /** An image by its path below `/blobs/`. Never throws. */
  blob(path: string): Promise<Blob>
  /** Tells other processes of this user where this host listens. */
  announce(address: string, token: string): void
  /** Lets trainers save, ends all children, closes the store. */
  close(): Promise<void>
}

/** A copy of the store is renewed at start when it is older than a day. */
const backupAgeMs = 24 * 3600 * 1000
const maintenanceMs = 30_000

/** @throws AppError store-in-use, store-newer, store-damaged, disk-full or data-unreadable. */
export async function createHost(options: HostOptions): Promise<Host> {
  const folders = homeFolder(options.dataFolder)
  const lock = lockStore(folders.lock, () => readHostFile(folders.hostFile))
  try {
    const store = openStore(folders.store)
    return start(options, folders, lock, store)
  } catch (thrown) {
    lock.release()
    throw thrown
  }
}

function start(options: HostOptions, folders: HomeFolder, lock: StoreLock, store: Store): Host {
  const report = errorLog(folders.logs)
  const hub = pushHub(report)
  const emit = emitter(contract, hub.send)
  const supervisor = new ProcessSupervisor({ store, emit, folders, report }, options)
  const workbench: Workbench = {
    ...{ store, supervisor: supervisor as Supervisor, emit, folders, report },
    about: { version: version(), shell: options.shell },
    chooseFolder: options.chooseFolder ?? null,
  }
  const { handlers, start: startHandlers, close: closeHandlers } = createHandlers(workbench)
  const announce = (address: string | null, token: string | null): void =>
    writeHostFile(folders.hostFile, { pid: process.pid, startedAt: Date.now(), address, token })
  announce(null, null)
  supervisor.start()
  if (options.withSample !== false) startHandlers()
  const maintenance = maintain(store, report)
  const send = serve(contract, handlers, report)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    clearInterval(maintenance)
    closeHandlers()
    await supervisor.close()
    // What awaited a task hears of its end now, and may still write it down.
    await new Promise(resolve => setImmediate(resolve))
    removeHostFile(folders.hostFile)
    store.close()
    lock.release()
  }
  return {
    link: { send: request => send(request), subscribe: hub.subscribe },
    folders,
    blob: createBlobs(workbench),
    announce,
    close: () => (closing ??= close()),
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

function maintain(store: Store, report: (error: AppError) => void): NodeJS.Timeout {
  const attempt = (work: () => unknown): void => {
    try {
      work()
    } catch (thrown) {
      report(AppError.from(thrown))
    }
  }
  attempt(() => store.backup(backupAgeMs))
  return setInterval(() => attempt(() => store.maintain()), maintenanceMs).unref()
}
