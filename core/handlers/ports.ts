/** What the handlers need of the host. They know no transport and no process. */
import type {
  Component,
  Emitter,
  Failure,
  FetchSize,
  LibtorchCandidate,
  LibtorchState,
  Progress,
  WorkbenchContract,
} from '../contract/index.ts'
import type { AppError } from '../errors/index.ts'
import type { TaskInput, TaskName, TaskProgress, TaskValue } from '../processes/protocol.ts'
import type { Store } from '../store/index.ts'

/** Starts and ends the processes that compute. */
export interface Supervisor {
  /** Starts queued runs as far as the settings allow. */
  startQueued(): void
  /** Asks the trainer of a run to save and end; the run's status says what for. */
  endTraining(runId: string, reason: 'pause' | 'stop'): void
  /** Whether a process of the run, of this host or of one before, may still write to its folder. */
  isTraining(runId: string): boolean
  /** What the trainer of a run does now; null when it does not run. */
  progressOf(runId: string): Progress | null
  /** Runs a task on a worker. @throws AppError of the task, `cancelled`, or trainer-lost when its process died. */
  runTask<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    options?: TaskOptions,
  ): Promise<TaskValue<Name>>
}

export interface TaskOptions {
  readonly onProgress?: (progress: TaskProgress) => void
  readonly signal?: AbortSignal
}

/** Where the workbench keeps its files. */
export interface DataFolders {
  readonly root: string
  /** One folder per data set with its index; the user's images are never copied. */
  readonly datasets: string
  /** One folder per run with its checkpoints. */
  readonly runs: string
  readonly logs: string
  /** May be deleted at any time. */
  readonly cache: string
}

/** What kind of host this is. */
export interface About {
  readonly version: string
  readonly shell: 'electron' | 'web' | 'command-line'
  /** An installed package rather than a checkout; false when left out. */
  readonly isPackaged?: boolean
  /** Software of others that this is made with; none when left out. */
  readonly components?: () => readonly Component[]
}

/** Finds, fetches and takes into use the library behind the `torch` backend. */
export interface LibtorchLibrary {
  state(): Promise<Omit<LibtorchState, 'canChooseFolder'>>
  candidates(): Promise<LibtorchCandidate[]>
  measure(): Promise<FetchSize>
  fetch(options: Required<TaskOptions>): Promise<unknown>
  /** @param id of a candidate. */
  use(id: string, options: Required<TaskOptions>): Promise<unknown>
  useFolder(path: string, options: Required<TaskOptions>): Promise<unknown>
  useAutomatic(options: Required<TaskOptions>): Promise<unknown>
  deleteFetched(): Promise<void>
}

/** Everything a handler may use. */
export interface Workbench {
  readonly store: Store
  readonly supervisor: Supervisor
  readonly emit: Emitter<WorkbenchContract>
  readonly folders: DataFolders
  readonly about: About
  /** The shell's folder dialog; null where there is none. */
  readonly chooseFolder: ((title: string) => Promise<string | null>) | null
  /** Null or left out where a host cannot change it. */
  readonly libtorch?: LibtorchLibrary | null
  /** Shows a folder in the file manager; null or left out where there is none. */
  readonly showFolder?: ((path: string) => Promise<void>) | null
  /**
   * Does a write to the store now, or as soon as its disk takes it, after those that wait already. For what has happened and must
   * be written down; never throws. Figures may be given up when far too many wait.
   */
  readonly keep: (write: () => void, options?: { readonly isFigures?: boolean }) => void
  /** Told of defects, with their stack. */
  readonly report: (error: AppError) => void
}

/** An error as a stored field. */
export function failureOf(error: AppError): Failure {
  return { ...error.toReply(), details: { ...error.details } }
}
