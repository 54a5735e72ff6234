/** One attempt of one run: its trainer processes, and what becomes of everything that the trainer says. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../core/contract/index.ts'
import { AppError } from '../../core/errors/index.ts'
import type { Workbench } from '../../core/handlers/index.ts'
import type { ToTrainer, TrainOrder } from '../../core/training/ports.ts'
import type { ChildEnd } from './child.ts'
import type { Limits } from './limits.ts'
import { markOf } from './processMark.ts'
import type { Reconciler } from './reconcile.ts'
import { RunRecorder, type Outcome } from './recorder.ts'
import { Trainers } from './trainers.ts'
import { Watchdog } from './watchdog.ts'

export interface SessionOptions {
  readonly workbench: Pick<Workbench, 'store' | 'emit' | 'folders' | 'keep' | 'report'>
  readonly reconciler: Reconciler
  readonly entry: string
  readonly limits: Limits
  readonly order: Omit<TrainOrder, 'attempt' | 'folder'>
  /** Time between two things of one kind that the trainer says, and that are told on, in milliseconds. */
  readonly paceMs: () => number
  readonly progressOf: () => Progress | null
  /** Called once, after the process has ended and its outcome is stored. */
  readonly onEnd: (end: SessionEnd) => void
}

export interface SessionEnd {
  readonly outcome: Outcome
  /** The trainer hung and was killed by the watchdog. */
  readonly hasHung: boolean
}

export class TrainingSession {
  readonly ended: Promise<void>
  private readonly options: SessionOptions
  private readonly recorder: RunRecorder
  private readonly trainers: Trainers
  private readonly watchdog: Watchdog
  private readonly timers: NodeJS.Timeout[] = []
  private markEnded: () => void = () => {}
  private hasHung = false

  constructor(options: SessionOptions) {
    this.options = options
    const { workbench, reconciler, limits, order, paceMs, progressOf } = options
    this.ended = new Promise(resolve => (this.markEnded = resolve))
    const folder = join(workbench.folders.runs, order.runId)
    mkdirSync(folder, { recursive: true })
    this.recorder = new RunRecorder({ ...workbench, reconciler, runId: order.runId, paceMs, progressOf })
    // What the store refuses must not leave a process behind.
    this.recorder.begin()
    this.watchdog = new Watchdog(limits, silentMs => this.hung(silentMs))
    this.trainers = this.startTrainers()
    if (this.trainers.pid !== null) this.recorder.hasProcess(markOf(this.trainers.pid))
    const { attempt } = this.recorder
    this.trainers.send({ type: 'train', order: { ...order, attempt, folder } satisfies TrainOrder })
    this.keepPace()
  }

  private startTrainers(): Trainers {
    const { entry, workbench, limits, order } = this.options
    try {
      return new Trainers({
        ...{ entry, limits, count: ranksOf(order), reportFolder: workbench.folders.logs },
        onMessage: message => this.receive(message),
        onStderr: line => this.recorder.log('warning', line),
        onExit: end => this.exited(end),
        report: workbench.report,
      })
    } catch (thrown) {
      this.watchdog.stop()
      throw thrown
    }
  }

  get progress(): Progress | null {
    return this.recorder.progress
  }

  /** Tells the trainer how often to report, and at once what waits to be told. */
  keepPace(): void {
    this.trainers.send({ type: 'pace', everyMs: this.options.paceMs() } satisfies ToTrainer)
    this.recorder.catchUp()
  }

  /** Asks the trainer to save and end; presses harder when the time for that is over. */
  end(reason: 'pause' | 'stop'): void {
    const { saveDeadlineMs, terminateGraceMs, startingSilenceMs } = this.options.limits
    this.trainers.send({ type: 'stop', reason })
    if (this.timers.length > 0) return
    const later = (ms: number, work: () => void): void => void this.timers.push(setTimeout(work, ms).unref())
    // A trainer listens between two steps, which for a large network may take longer than a save: the step under way has to end, and
    // one more may have begun before the message is read.
    const stepMs = Math.min(2 * this.watchdog.longestSilenceMs, startingSilenceMs)
    later(saveDeadlineMs + stepMs, () => this.trainers.terminate())
    const waitedMs = saveDeadlineMs + stepMs + terminateGraceMs
    later(waitedMs, () =>
      this.trainers.kill(`it did not end within ${Math.round(waitedMs / 1000)} s of being asked to`),
    )
  }

  /** Ends the trainer at once, without saving. */
  kill(reason: string): void {
    this.trainers.kill(reason)
  }

  private receive(message: unknown): void {
    this.watchdog.heard()
    try {
      const hasTrained = this.recorder.receive(message)
      if (hasTrained) this.watchdog.hasStarted()
    } catch (thrown) {
      this.options.workbench.report(AppError.from(thrown, `run ${this.options.order.runId}`))
    }
  }

  private hung(silentMs: number): void {
    this.hasHung = true
    const seconds = Math.round(silentMs / 1000)
    this.recorder.log('error', `No sign of life from the trainer for ${seconds} s: it is ended`)
    this.trainers.reportAndKill(`it gave no sign of life for ${seconds} s`)
  }

  private exited(end: ChildEnd): void {
    this.watchdog.stop()
    for (const timer of this.timers) clearTimeout(timer)
    let outcome: Outcome = 'interrupted'
    try {
      outcome = this.recorder.finish(end)
    } finally {
      this.markEnded()
      this.options.onEnd({ outcome, hasHung: this.hasHung })
    }
  }
}

/** Runs of an earlier version have no such field. */
function ranksOf({ config }: Pick<TrainOrder, 'config'>): number {
  const training = config['training'] as { readonly ranks?: number } | undefined
  return training?.ranks ?? 1
}
