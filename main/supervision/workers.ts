/**
 * Worker processes for everything that computes beside training. Lanes of their own, so that a thumbnail never waits for an
 * evaluation, nor for a network that looks at one image; a worker does one task at a time, stays for the next, and goes when it has been idle.
 */
import { AppError } from '../../core/errors/index.ts'
import type { TaskOptions } from '../../core/handlers/index.ts'
import type { FromWorker, TaskInput, TaskName, TaskValue } from '../../core/processes/protocol.ts'
import { Child, type ChildEnd } from './child.ts'
import type { Limits } from './limits.ts'

export interface WorkerPoolOptions {
  readonly entry: string
  readonly reportFolder: string
  readonly limits: Limits
  readonly report: (error: AppError) => void
}

/** Tasks someone waits for on the screen. */
const interactive: readonly TaskName[] = [
  ...(['browse', 'thumbnail', 'image', 'augmented', 'uploaded-image', 'batch'] as const),
  ...(['matching-images', 'name-images', 'image-statistics', 'retrieval-truth'] as const),
  'look-into-folder',
  ...(['plan', 'plan-sweep', 'gpus'] as const),
  ...(['compare-predictions', 'compare-images', 'compare-logits', 'compare-retrieval'] as const),
  ...(['gallery-state', 'gallery-points'] as const),
]

/** Tasks whose answer someone waits for as well, by networks that stay open in their worker. */
const looking: readonly TaskName[] = ['look-at-image']

/** Tasks that read large files of predictions and keep them: some seconds, which no thumbnail should wait for. */
const studying: readonly TaskName[] = ['study', 'study-curves', 'study-images']

/** Searches, whose galleries stay in their worker's memory. */
const searching: readonly TaskName[] = ['gallery-query', 'gallery-match']

export class WorkerPool {
  private readonly lanes: Readonly<
    Record<'interactive' | 'looking' | 'studying' | 'searching' | 'background', Lane>
  >

  constructor(options: WorkerPoolOptions) {
    this.lanes = {
      interactive: new Lane(options, 1, options.limits.interactiveMs),
      looking: new Lane(options, 1, options.limits.interactiveMs),
      studying: new Lane(options, 1, options.limits.interactiveMs),
      // A gallery takes a while to read again.
      searching: new Lane(withLongIdle(options), 1, options.limits.interactiveMs),
      background: new Lane(options, 2, null),
    }
  }

  /** @throws AppError of the task, `cancelled`, or trainer-lost when its process died. */
  run<Name extends TaskName>(
    task: Name,
    input: TaskInput<Name>,
    options: TaskOptions = {},
  ): Promise<TaskValue<Name>> {
    const lane = interactive.includes(task)
      ? this.lanes.interactive
      : looking.includes(task)
        ? this.lanes.looking
        : studying.includes(task)
          ? this.lanes.studying
          : searching.includes(task)
            ? this.lanes.searching
            : this.lanes.background
    return lane.run(task, input, options) as Promise<TaskValue<Name>>
  }

  /** Cancels everything and ends the workers. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map(lane => lane.close()))
  }
}

function withLongIdle(options: WorkerPoolOptions): WorkerPoolOptions {
  const { limits } = options
  return { ...options, limits: { ...limits, idleWorkerMs: 5 * limits.idleWorkerMs } }
}

interface Job {
  readonly id: string
  readonly task: TaskName
  readonly input: unknown
  readonly options: TaskOptions
  readonly resolve: (value: unknown) => void
  readonly reject: (error: AppError) => void
}

class Lane {
  private readonly waiting: Job[] = []
  private readonly workers = new Set<Worker>()
  private readonly options: WorkerPoolOptions
  private readonly size: number
  private readonly timeLimitMs: number | null
  private isClosed = false
  private count = 0

  constructor(options: WorkerPoolOptions, size: number, timeLimitMs: number | null) {
    this.options = options
    this.size = size
    this.timeLimitMs = timeLimitMs
  }

  run(task: TaskName, input: unknown, options: TaskOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.isClosed || options.signal?.aborted) return reject(cancelled(task))
      const job: Job = { id: String(++this.count), task, input, options, resolve, reject }
      options.signal?.addEventListener('abort', () => this.cancel(job), { once: true })
      this.waiting.push(job)
      this.assign()
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const job of this.waiting.splice(0)) job.reject(cancelled(job.task))
    await Promise.all([...this.workers].map(worker => worker.close()))
  }

  private assign(): void {
    for (const worker of this.workers) if (worker.isIdle) this.give(worker)
    while (this.waiting.length > 0 && this.workers.size < this.size) {
      try {
        this.give(this.startWorker())
      } catch (thrown) {
        this.waiting.shift()?.reject(AppError.from(thrown, 'worker process'))
      }
    }
  }

  private give(worker: Worker): void {
    const job = this.waiting.shift()
    if (job) worker.start(job, this.timeLimitMs)
  }

  private startWorker(): Worker {
    const worker = new Worker(this.options, {
      onIdle: () => this.assign(),
      onEnd: () => {
        this.workers.delete(worker)
        if (!this.isClosed) this.assign()
      },
    })
    this.workers.add(worker)
    return worker
  }

  private cancel(job: Job): void {
    const place = this.waiting.indexOf(job)
    if (place >= 0) {
      this.waiting.splice(place, 1)
      job.reject(cancelled(job.task))
      return
    }
    for (const worker of this.workers) worker.cancel(job)
  }
}

interface WorkerEvents {
  readonly onIdle: () => void
  readonly onEnd: () => void
}

class Worker {
  private readonly child: Child
  private readonly limits: Limits
  private readonly events: WorkerEvents
  private readonly whenEnded: Promise<void>
  private markEnded: () => void = () => {}
  private job: Job | null = null
  private isEnding = false
  private timer: NodeJS.Timeout | undefined

  constructor({ entry, reportFolder, limits, report }: WorkerPoolOptions, events: WorkerEvents) {
    this.limits = limits
    this.events = events
    this.whenEnded = new Promise(resolve => (this.markEnded = resolve))
    this.child = new Child({
      ...{ entry, reportFolder, report, name: 'worker process' },
      onMessage: message => this.receive(message as FromWorker),
      onExit: end => this.ended(end),
    })
  }

  get isIdle(): boolean {
    return this.job === null && !this.isEnding
  }

  start(job: Job, timeLimitMs: number | null): void {
    clearTimeout(this.timer)
    this.job = job
    this.child.send({ type: 'task', id: job.id, task: job.task, input: job.input })
    if (timeLimitMs === null) return
    const reason = `its task '${job.task}' took longer than ${timeLimitMs / 1000} s`
    this.timer = setTimeout(() => this.child.kill(reason), timeLimitMs).unref()
  }

  /** Asks the task to end; a worker that does not listen is ended. */
  cancel(job: Job): void {
    if (this.job !== job) return
    this.child.send({ type: 'cancel', id: job.id })
    clearTimeout(this.timer)
    this.timer = setTimeout(
      () => this.child.kill('its task was cancelled'),
      this.limits.cancelGraceMs,
    ).unref()
  }

  async close(): Promise<void> {
    this.isEnding = true
    this.job?.reject(cancelled(this.job.task))
    this.job = null
    this.child.disconnect()
    const timer = setTimeout(() => this.child.kill('the workbench closes'), 2000)
    await this.whenEnded
    clearTimeout(timer)
  }

  private receive(message: FromWorker): void {
    const job = this.job
    if (!job || message.id !== job.id) return
    if (message.type === 'progress') return void job.options.onProgress?.(message.progress)
    this.job = null
    clearTimeout(this.timer)
    if (message.type === 'done') job.resolve(message.value)
    else job.reject(AppError.fromReply(message.error))
    this.timer = setTimeout(() => this.retire(), this.limits.idleWorkerMs).unref()
    this.events.onIdle()
  }

  private retire(): void {
    this.isEnding = true
    this.child.disconnect()
    this.timer = setTimeout(() => this.child.kill('it was idle'), 5000).unref()
  }

  private ended(end: ChildEnd): void {
    clearTimeout(this.timer)
    this.isEnding = true
    const job = this.job
    this.job = null
    if (job?.options.signal?.aborted) job.reject(cancelled(job.task))
    else
      job?.reject(end.error ?? new AppError('trainer-lost', `The worker process ended during '${job.task}'`))
    this.events.onEnd()
    this.markEnded()
  }
}

function cancelled(task: TaskName): AppError {
  return new AppError('cancelled', `The task '${task}' was cancelled`)
}
