/**
 * Writes what a trainer says to the store, and tells the interface. Both a few times a second and no more, however often the trainer
 * speaks: a transaction costs more than all that goes into it.
 */
import type { LogLine, Progress, RunStatus, StepPoint } from '../../core/contract/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { failureOf, type Workbench } from '../../core/handlers/index.ts'
import { checkpointId, type ProcessMark, type RunChanges } from '../../core/store/index.ts'
import type { FromTrainer, Point } from '../../core/training/ports.ts'
import type { ChildEnd } from './child.ts'
import type { Reconciler } from './reconcile.ts'
import { changeSummary } from './summaryChanges.ts'
import { throttle } from './throttle.ts'

export interface RecorderOptions extends Pick<Workbench, 'store' | 'emit' | 'keep' | 'report'> {
  readonly reconciler: Reconciler
  readonly runId: string
  /** Time between two pushes of one kind, in milliseconds. */
  readonly paceMs: () => number
  readonly progressOf: () => Progress | null
}

/** How an attempt ended. */
export type Outcome = Extract<RunStatus, 'finished' | 'stopped' | 'paused' | 'failed' | 'interrupted'>

export class RunRecorder {
  attempt = 0
  progress: Progress | null = { phase: 'starting', done: 0, total: 0, etaMs: null }
  private readonly options: RecorderOptions
  private readonly run: number
  private readonly unsaved: { points: Point[]; lines: Omit<LogLine, 'number'>[] } = { points: [], lines: [] }
  private imagesPerSecond: number | null = null
  private readonly pushSummary: ReturnType<typeof throttle>
  private readonly pushFeed: ReturnType<typeof throttle>
  private said:
    { outcome: 'finished' | 'stopped' | 'paused'; reason: string | undefined } | { error: AppError } | null =
    null
  private elapsedBeforeMs = 0
  private readyAtMs: number | null = null
  private isOver = false

  constructor(options: RecorderOptions) {
    this.options = options
    this.run = options.store.runs.number(options.runId)
    this.pushSummary = throttle(
      this.safely(() => this.emitSummary()),
      options.paceMs,
    )
    this.pushFeed = throttle(
      this.safely(() => this.saveFeed()),
      options.paceMs,
    )
  }

  /** Stores that an attempt begins. To be called before there is a process. @throws AppError of the store. */
  begin(): void {
    const { store, runId } = this.options
    const run = store.runs.get(runId)
    this.elapsedBeforeMs = run.elapsedMs
    const now = Date.now()
    store.writeDurably(() => {
      this.attempt = store.attempts.begin(this.run, now, run.step)
      store.runs.dequeue(runId)
      store.runs.change(runId, {
        status: 'starting',
        startedAt: run.startedAt ?? now,
        endedAt: null,
        imagesPerSecond: null,
        error: null,
      })
    })
    this.pushSummary()
  }

  /** Stores which process does the attempt, so that a later host does not start a second one beside it. */
  hasProcess(mark: ProcessMark): void {
    const { store, keep } = this.options
    keep(() => store.writeDurably(() => store.attempts.setProcess(this.run, this.attempt, mark)))
  }

  /** @returns whether the message shows that training has begun. */
  receive(message: unknown): boolean {
    if (this.isOver) return false
    const from = message as FromTrainer
    if (from.type === 'points') this.points(from.points, from.imagesPerSecond)
    else if (from.type === 'phase') this.phase(from.phase)
    else if (from.type === 'log') this.lines([{ level: from.level, text: from.text, wallMs: from.wallMs }])
    else if (from.type === 'ready') this.ready(from)
    else if (from.type === 'finished') this.said = { outcome: from.outcome, reason: from.reason }
    else if (from.type === 'failed') this.said = { error: AppError.fromReply(from.error) }
    else if (from.type !== 'heartbeat') this.checkpoint(from)
    return from.type === 'points'
  }

  /** Stores and tells what waits for its time. */
  catchUp(): void {
    this.pushFeed.finish()
    this.pushSummary.finish()
  }

  log(level: LogLine['level'], text: string): void {
    if (this.isOver) return
    this.lines([{ level, text, wallMs: Date.now() }])
  }

  /** Stores how the attempt ended. */
  finish(end: ChildEnd): Outcome {
    const { store, keep, runId } = this.options
    const { outcome, error } = this.verdict(end)
    if (error) this.log('error', error.message)
    this.progress = null
    this.pushFeed()
    this.pushFeed.finish()
    const [now, elapsedMs] = [Date.now(), this.elapsedMs()]
    const tell = this.safely(() => this.emitSummary())
    keep(() => {
      store.writeDurably(() => {
        store.attempts.end(this.run, this.attempt, now, outcome)
        store.runs.change(runId, {
          ...{ status: outcome, endedAt: now, elapsedMs },
          error: error ? failureOf(error) : null,
        })
      })
      tell()
    })
    this.pushSummary.cancel()
    this.isOver = true
    if (outcome === 'interrupted' || outcome === 'failed') this.options.reconciler.request(runId)
    return outcome
  }

  private verdict(end: ChildEnd): { outcome: Outcome; error: AppError | null } {
    if (this.said && 'error' in this.said) {
      const { error } = this.said
      // It was well itself: it is another rank that is gone.
      if ('ranks' in error.details) return { outcome: 'interrupted', error: end.other ?? error }
      return { outcome: 'failed', error }
    }
    if (this.said) {
      const { outcome, reason } = this.said
      return { outcome, error: reason === undefined ? null : new AppError('not-finite', reason) }
    }
    const error =
      end.other ??
      end.error ??
      new AppError(
        'trainer-lost',
        'The trainer was ended from outside. It has saved; resume goes on from there',
        {
          code: end.code,
          signal: end.signal,
        },
      )
    return { outcome: 'interrupted', error }
  }

  private ready(message: Extract<FromTrainer, { type: 'ready' }>): void {
    const { store, keep, runId } = this.options
    this.readyAtMs = performance.now()
    keep(() =>
      store.writeDurably(() => {
        const { fromStep, totalSteps, stepsPerEpoch, backend } = message
        store.attempts.setFromStep(this.run, this.attempt, fromStep)
        const isStarting = store.runs.get(runId).status === 'starting'
        const epoch = stepsPerEpoch > 0 ? fromStep / stepsPerEpoch : 0
        store.runs.change(runId, { backend, totalSteps, step: fromStep, epoch })
        if (isStarting) store.runs.change(runId, { status: 'running' })
      }),
    )
    this.log('info', `Trains on ${message.backend} (${message.device}) from step ${message.fromStep}`)
    this.pushSummary()
  }

  private points(points: readonly Point[], imagesPerSecond: number | null): void {
    this.unsaved.points.push(...points)
    this.imagesPerSecond = imagesPerSecond
    this.pushFeed()
  }

  private phase(phase: Progress): void {
    const { phase: name, done, total, etaMs } = phase
    this.progress = { phase: name, done, total, etaMs }
    this.pushSummary()
  }

  private lines(lines: readonly Omit<LogLine, 'number'>[]): void {
    this.unsaved.lines.push(...lines)
    this.pushFeed()
  }

  /** Points and lines since the last time, in one transaction. Lines have their numbers once they are stored. */
  private saveFeed(): void {
    const { store, emit, keep, runId } = this.options
    const points = this.unsaved.points.splice(0)
    const lines = this.unsaved.lines.splice(0)
    const changes = { imagesPerSecond: this.imagesPerSecond, elapsedMs: this.elapsedMs() }
    keep(
      () => {
        const numbered = store.write(() => {
          if (points.length > 0) this.savePoints(points, changes)
          return lines.length > 0 ? store.logs.append(this.run, lines) : []
        })
        if (numbered.length > 0) emit.runs.onLog({ id: runId, lines: numbered })
      },
      { isFigures: true },
    )
    if (points.length === 0) return
    emit.metrics.onPoints({ runId, attempt: this.attempt, points: points.map(stepPoint) })
    // Curves and figures leave together, so that they speak of one moment even if nothing follows.
    this.pushSummary.now()
  }

  private savePoints(points: readonly Point[], changes: RunChanges): void {
    const { store, runId } = this.options
    store.metrics.append(this.run, this.attempt, points)
    changeSummary(store, runId, points, changes)
  }

  private checkpoint(message: FromTrainer): void {
    const { store, emit, keep, runId } = this.options
    // What was measured before a checkpoint is stored before it.
    this.pushFeed.finish()
    if (message.type === 'checkpoint') {
      const { checkpoint } = message
      const stored = { ...checkpoint, status: 'valid' as const, createdAt: Date.now() }
      keep(() => store.writeDurably(() => void store.checkpoints.put(runId, stored)))
    } else if (message.type === 'checkpoint-removed') {
      keep(() => store.write(() => store.checkpoints.remove(checkpointId(runId, message.name))))
    } else if (message.type === 'checkpoint-damaged') {
      this.notify(
        'warning',
        `Checkpoint ${message.name} of run ${runId} is damaged and was set aside: ${message.problem}`,
      )
      this.options.reconciler.request(runId)
    }
    emit.checkpoints.onChanged({ runId })
  }

  private elapsedMs(): number {
    const now = this.readyAtMs === null ? 0 : performance.now() - this.readyAtMs
    return Math.round(this.elapsedBeforeMs + now)
  }

  private emitSummary(): void {
    const { store, emit, runId } = this.options
    emit.runs.onChanged({ ...store.runs.get(runId), progress: this.progress })
  }

  /** For timers, whose errors nobody catches. */
  private safely(work: () => void): () => void {
    return () => {
      try {
        work()
      } catch (thrown) {
        this.options.report(AppError.from(thrown, `run ${this.options.runId}`))
      }
    }
  }

  private notify(level: 'warning' | 'error', message: string): void {
    this.options.emit.system.onNotice({ level, message })
  }
}

/** JSON has no NaN: a value that is not finite travels as its name. */
function stepPoint(point: Point): StepPoint {
  const values = Object.entries(point.values).map(([name, value]) => [
    name,
    Number.isFinite(value) ? value : String(value),
  ])
  const { step, epoch, wallMs } = point
  return { step, epoch, wallMs, values: Object.fromEntries(values) as StepPoint['values'] }
}
