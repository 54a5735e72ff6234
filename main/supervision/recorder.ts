/** Writes what a trainer says to the store, and tells the interface about ten times a second. */
import type { LogLine, Progress, RunStatus, StepPoint } from '../../core/contract/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { failureOf, type Workbench } from '../../core/handlers/index.ts'
import { checkpointId, type ProcessMark, type RunChanges } from '../../core/store/index.ts'
import type { FromTrainer, Point } from '../../core/training/ports.ts'
import { Backlog } from './backlog.ts'
import type { ChildEnd } from './child.ts'
import type { Limits } from './limits.ts'
import type { Reconciler } from './reconcile.ts'
import { throttle } from './throttle.ts'

export interface RecorderOptions extends Pick<Workbench, 'store' | 'emit' | 'report'> {
  readonly reconciler: Reconciler
  readonly runId: string
  readonly limits: Limits
  readonly progressOf: () => Progress | null
}

/** How an attempt ended. */
export type Outcome = Extract<RunStatus, 'finished' | 'stopped' | 'paused' | 'failed' | 'interrupted'>

/** Summary field that shows the newest value of a series. */
const shown: Readonly<Record<string, keyof RunChanges>> = {
  'train/loss': 'trainLoss',
  'val/loss': 'valLoss',
  'val/top1': 'top1',
  'val/top5': 'top5',
}

export class RunRecorder {
  attempt = 0
  progress: Progress | null = { phase: 'starting', done: 0, total: 0, etaMs: null }
  private readonly options: RecorderOptions
  private readonly run: number
  private readonly backlog: Backlog
  private readonly pending: { points: StepPoint[]; lines: LogLine[] } = { points: [], lines: [] }
  private readonly unsaved: Omit<LogLine, 'number'>[] = []
  private readonly pushSummary: ReturnType<typeof throttle>
  private readonly pushFeed: ReturnType<typeof throttle>
  private said:
    { outcome: 'finished' | 'stopped' | 'paused'; reason: string | undefined } | { error: AppError } | null =
    null
  private elapsedBeforeMs = 0
  private readyAtMs: number | null = null
  private hasTold = false
  private isOver = false

  constructor(options: RecorderOptions) {
    this.options = options
    this.run = options.store.runs.number(options.runId)
    this.backlog = new Backlog({ onTrouble: error => this.trouble(error) })
    this.pushSummary = throttle(() => this.emitSummary(), options.limits.pushMs)
    this.pushFeed = throttle(() => this.emitFeed(), options.limits.pushMs)
  }

  /** Stores that an attempt begins, with its process. */
  begin(mark: ProcessMark): void {
    const { store, runId } = this.options
    const run = store.runs.get(runId)
    this.elapsedBeforeMs = run.elapsedMs
    const now = Date.now()
    store.writeDurably(() => {
      this.attempt = store.attempts.begin(this.run, now, run.step)
      store.attempts.setProcess(this.run, this.attempt, mark)
      store.runs.dequeue(runId)
      store.runs.change(runId, {
        status: 'starting',
        startedAt: run.startedAt ?? now,
        endedAt: null,
        error: null,
      })
    })
    this.emitSummary()
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

  log(level: LogLine['level'], text: string): void {
    if (this.isOver) return
    this.lines([{ level, text, wallMs: Date.now() }])
  }

  /** Stores how the attempt ended. */
  finish(end: ChildEnd): Outcome {
    const { store, runId } = this.options
    const { outcome, error } = this.verdict(end)
    if (error) this.log('error', error.message)
    this.progress = null
    this.saveLines()
    const now = Date.now()
    this.backlog.write(() =>
      store.writeDurably(() => {
        store.attempts.end(this.run, this.attempt, now, outcome)
        store.runs.change(runId, {
          ...{ status: outcome, endedAt: now, elapsedMs: this.elapsedMs(), imagesPerSecond: null },
          error: error ? failureOf(error) : null,
        })
      }),
    )
    this.pushFeed()
    this.pushFeed.finish()
    this.pushSummary()
    this.pushSummary.finish()
    this.isOver = true
    if (outcome === 'interrupted' || outcome === 'failed') this.options.reconciler.request(runId)
    return outcome
  }

  private verdict(end: ChildEnd): { outcome: Outcome; error: AppError | null } {
    if (this.said && 'error' in this.said) return { outcome: 'failed', error: this.said.error }
    if (this.said) {
      const { outcome, reason } = this.said
      return { outcome, error: reason === undefined ? null : new AppError('not-finite', reason) }
    }
    const error =
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
    const { store, runId } = this.options
    this.readyAtMs = performance.now()
    this.backlog.write(() =>
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
    const { store, runId } = this.options
    const changes = { ...summaryChanges(points), imagesPerSecond, elapsedMs: this.elapsedMs() }
    this.backlog.write(() =>
      store.write(() => {
        store.metrics.append(this.run, this.attempt, points)
        store.runs.change(runId, changes)
        if (typeof changes.top1 === 'number') store.runs.raiseBest(runId, changes.top1)
      }),
    )
    for (const point of points) this.pending.points.push(stepPoint(point))
    this.pushFeed()
    this.pushSummary()
  }

  private phase(phase: Progress): void {
    const { phase: name, done, total, etaMs } = phase
    this.progress = { phase: name, done, total, etaMs }
    this.pushSummary()
  }

  /** Lines are stored together with the next push, as one transaction for each would cost more than all else. */
  private lines(lines: readonly Omit<LogLine, 'number'>[]): void {
    this.unsaved.push(...lines)
    this.pushFeed()
  }

  private saveLines(): void {
    const { store } = this.options
    const lines = this.unsaved.splice(0)
    if (lines.length === 0) return
    this.backlog.write(() => this.pending.lines.push(...store.logs.append(this.run, lines)))
  }

  private checkpoint(message: FromTrainer): void {
    const { store, emit, runId } = this.options
    if (message.type === 'checkpoint') {
      const { checkpoint } = message
      const stored = { ...checkpoint, status: 'valid' as const, createdAt: Date.now() }
      this.backlog.write(() => store.writeDurably(() => void store.checkpoints.put(runId, stored)))
    } else if (message.type === 'checkpoint-removed') {
      this.backlog.write(() => store.write(() => store.checkpoints.remove(checkpointId(runId, message.name))))
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

  private emitFeed(): void {
    this.saveLines()
    const { emit, runId } = this.options
    const points = this.pending.points.splice(0)
    const lines = this.pending.lines.splice(0)
    if (points.length > 0) emit.metrics.onPoints({ runId, attempt: this.attempt, points })
    if (lines.length > 0) emit.runs.onLog({ id: runId, lines })
  }

  private trouble(error: AppError): void {
    if (error.code === 'internal') this.options.report(error)
    if (this.hasTold) return
    this.hasTold = true
    this.notify(
      'error',
      `Run ${this.options.runId} trains on, but its figures cannot be stored now: ${error.message}`,
    )
  }

  private notify(level: 'warning' | 'error', message: string): void {
    this.options.emit.system.onNotice({ level, message })
  }
}

/** The newest value of each series that a summary shows. */
function summaryChanges(points: readonly Point[]): RunChanges {
  const changes: Record<string, number> = {}
  for (const point of points) {
    changes['step'] = point.step
    changes['epoch'] = point.epoch
    for (const [name, value] of Object.entries(point.values)) {
      const field = shown[name]
      if (field !== undefined) changes[field] = value
    }
  }
  return changes
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
