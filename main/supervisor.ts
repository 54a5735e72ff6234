/** The queue of runs, their trainers, and the workers: everything that runs in another process. */
import type { Progress } from '../core/contract/index.ts'
import { AppError } from '../core/errors/index.ts'
import {
  datasetRef,
  frozenLabels,
  endSpentSweep,
  failureOf,
  readSettings,
  type Supervisor,
  type TaskOptions,
  type Workbench,
} from '../core/handlers/index.ts'
import type { TaskInput, TaskName, TaskValue } from '../core/processes/protocol.ts'
import type { StoredRun } from '../core/store/index.ts'
import type { Audience } from './audience.ts'
import { scriptPath } from './paths.ts'
import { isDiskTrouble } from './supervision/backlog.ts'
import { defaultLimits, type Limits } from './supervision/limits.ts'
import { ended, isAlive } from './supervision/processMark.ts'
import { Reconciler } from './supervision/reconcile.ts'
import { findCheckpoints, recover } from './supervision/recover.ts'
import { TrainingSession, type SessionEnd } from './supervision/session.ts'
import { WorkerPool } from './supervision/workers.ts'

export interface SupervisorOptions {
  readonly limits?: Partial<Limits>
  /** Go on at once with the queue that an earlier host left: true unless said otherwise. */
  readonly withQueue?: boolean
  /** Scripts of the children, for tests. */
  readonly trainerEntry?: string
  readonly workerEntry?: string
}

interface Context extends Pick<Workbench, 'store' | 'emit' | 'folders' | 'keep' | 'report'> {
  readonly audience: Pick<Audience, 'paceMs' | 'onPace'>
}

export class ProcessSupervisor implements Supervisor {
  private readonly context: Context
  private readonly limits: Limits
  private readonly trainerEntry: string
  private readonly workers: WorkerPool
  private readonly reconciler: Reconciler
  private readonly sessions = new Map<string, TrainingSession>()
  /** Runs whose former process is still saving. */
  private readonly waitedFor = new Set<string>()
  private readonly restarts = new Map<string, number>()
  private readonly withQueue: boolean
  private retry: NodeJS.Timeout | undefined
  private hasToldOfDisk = false
  private isClosed = false

  constructor(context: Context, options: SupervisorOptions = {}) {
    this.context = context
    this.withQueue = options.withQueue ?? true
    this.reconciler = new Reconciler(context)
    this.limits = { ...defaultLimits, ...options.limits }
    this.trainerEntry = options.trainerEntry ?? scriptPath('core', 'processes', 'trainer')
    this.workers = new WorkerPool({
      entry: options.workerEntry ?? scriptPath('core', 'processes', 'worker'),
      reportFolder: context.folders.logs,
      limits: this.limits,
      report: context.report,
    })
    context.audience.onPace(() => {
      for (const session of this.sessions.values()) session.keepPace()
    })
  }

  /** Puts right what a host that died left behind, then goes on with the queue. */
  start(): void {
    recover(this.context, this.reconciler, id => this.waitForFormer(id))
    if (this.withQueue) this.startQueued()
  }

  /** Never throws: what keeps a run from starting is told as the run's error, or as a notice. */
  startQueued(): void {
    if (this.isClosed || this.retry !== undefined) return
    this.guard(() => this.startNext())
  }

  private startNext(): void {
    const { store } = this.context
    const most = readSettings(store).concurrentRuns
    for (const id of store.runs.queue()) {
      if (this.sessions.size >= most || this.retry !== undefined) return
      if (this.sessions.has(id) || this.waitedFor.has(id)) continue
      if (endSpentSweep(this.context, id)) continue
      if (this.isTraining(id)) this.waitForFormer(id)
      else this.startRun(id)
    }
  }

  endTraining(runId: string, reason: 'pause' | 'stop'): void {
    this.sessions.get(runId)?.end(reason)
  }

  isTraining(runId: string): boolean {
    if (this.sessions.has(runId)) return true
    const { store } = this.context
    const former = store.attempts.lastProcess(store.runs.number(runId))
    return former !== null && isAlive(former)
  }

  progressOf(runId: string): Progress | null {
    return this.sessions.get(runId)?.progress ?? null
  }

  runTask<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    options?: TaskOptions,
  ): Promise<TaskValue<Name>> {
    return this.workers.run(name, input, options)
  }

  /** Lets every trainer save and end, within the stated deadline, and ends the workers. */
  async close(): Promise<void> {
    this.isClosed = true
    clearTimeout(this.retry)
    const sessions = [...this.sessions.values()]
    for (const session of sessions) session.end('pause')
    await Promise.all([this.workers.close(), ...sessions.map(session => session.ended)])
    await this.reconciler.close()
  }

  private startRun(id: string): void {
    const { store, folders, emit } = this.context
    try {
      const run = store.runs.get(id)
      const resume = store.attempts.list(store.runs.number(id)).length > 0
      const order = {
        runId: id,
        config: store.runs.details(id).config,
        dataset: frozenLabels(folders, id, datasetRef(folders, store.datasets.find(run.datasetId)), resume),
        resume,
      }
      const session = new TrainingSession({
        ...{
          workbench: this.context,
          reconciler: this.reconciler,
          entry: this.trainerEntry,
          limits: this.limits,
          order,
        },
        paceMs: () => this.limits.pushMs ?? this.context.audience.paceMs(),
        progressOf: () => this.progressOf(id),
        onEnd: end => this.sessionEnded(id, end),
      })
      this.sessions.set(id, session)
      this.hasToldOfDisk = false
      emit.runs.onChanged({ ...store.runs.get(id), progress: session.progress })
    } catch (thrown) {
      const error = AppError.from(thrown, `run ${id}`)
      if (this.sessions.has(id)) this.context.report(error)
      else if (isDiskTrouble(error)) this.startLater(id, error)
      else this.failToStart(id, error)
    }
  }

  /** Its place in the queue is kept: it has not failed, the disk has. */
  private startLater(id: string, error: AppError): void {
    const waits = `Run ${id} waits to be started: ${error.message}`
    if (!this.hasToldOfDisk) this.context.emit.system.onNotice({ level: 'error', message: waits })
    this.hasToldOfDisk = true
    this.retry = setTimeout(() => {
      this.retry = undefined
      this.startQueued()
    }, this.limits.diskRetryMs).unref()
  }

  private failToStart(id: string, error: AppError): void {
    const { store, emit, keep, report } = this.context
    if (error.code === 'internal') report(error)
    emit.system.onNotice({ level: 'error', message: `Run ${id} could not be started: ${error.message}` })
    keep(() => {
      store.writeDurably(() => {
        store.runs.dequeue(id)
        store.runs.change(id, { status: 'failed', error: failureOf(error), endedAt: Date.now() })
      })
      emit.runs.onChanged({ ...store.runs.get(id), progress: null })
    })
  }

  private sessionEnded(id: string, { outcome, hasHung }: SessionEnd): void {
    this.sessions.delete(id)
    if (outcome !== 'interrupted') this.restarts.delete(id)
    else if (hasHung && !this.isClosed) this.guard(() => this.restart(this.context.store.runs.get(id)))
    this.startQueued()
  }

  /** A hanging trainer is started again from its newest checkpoint, so many times and no more. */
  private restart(run: StoredRun): void {
    const { store, emit, keep } = this.context
    const count = (this.restarts.get(run.id) ?? 0) + 1
    this.restarts.set(run.id, count)
    const told = `Run ${run.name}: the trainer hung and was ended`
    if (count > this.limits.maxRestarts) {
      emit.system.onNotice({ level: 'error', message: `${told}, ${count} times. Resume it by hand` })
      return
    }
    emit.system.onNotice({
      level: 'warning',
      message: `${told}. It is started again (${count} of ${this.limits.maxRestarts})`,
    })
    keep(() =>
      store.writeDurably(() => {
        store.runs.change(run.id, { status: 'queued', endedAt: null })
        store.runs.enqueue(run.id)
        store.runs.move(run.id, 1)
      }),
    )
  }

  /** For what nobody awaits: children's ends and timers. */
  private guard(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      const error = AppError.from(thrown)
      this.context.report(error)
      this.context.emit.system.onNotice({ level: 'error', message: error.message })
    }
  }

  /** Two trainers must not write to one folder: the queue goes on when the former one has saved and ended. */
  private waitForFormer(id: string): void {
    const { store } = this.context
    const former = store.attempts.lastProcess(store.runs.number(id))
    if (!former || this.waitedFor.has(id)) return
    this.waitedFor.add(id)
    void ended(former).then(() => {
      this.waitedFor.delete(id)
      if (this.isClosed) return
      this.guard(() => findCheckpoints(this.context, this.reconciler, id))
      this.startQueued()
    })
  }
}
