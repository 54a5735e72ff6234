/** Work that someone started and waits for. */
import type { Handlers, Job, Progress, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { failureOf, type TaskOptions, type Workbench } from './ports.ts'

/** Jobs that are remembered after their end. */
const kept = 200

export interface JobWork {
  readonly kind: string
  /** For people: what it works on. */
  readonly title: string
  /** Does it, telling its progress, and ends early when the signal says so. */
  run(options: Required<TaskOptions>): Promise<unknown>
}

/** The jobs of a host. */
export class Jobs {
  private readonly workbench: Pick<Workbench, 'emit' | 'report'>
  private readonly jobs = new Map<string, Job>()
  private readonly running = new Map<string, AbortController>()
  private count = 0

  constructor(workbench: Pick<Workbench, 'emit' | 'report'>) {
    this.workbench = workbench
  }

  /** Starts a job and gives its id at once. */
  start({ kind, title, run }: JobWork): { readonly id: string } {
    const id = `j-${String(++this.count).padStart(5, '0')}`
    const cancel = new AbortController()
    this.running.set(id, cancel)
    const empty = { progress: null, result: null, error: null, endedAt: null }
    this.jobs.set(id, { id, kind, title, status: 'running', createdAt: Date.now(), ...empty })
    this.forgetOldest()
    const onProgress = (progress: Progress): void => this.change(id, { progress })
    void run({ onProgress, signal: cancel.signal }).then(
      result => this.end(id, { status: 'finished', result: result ?? null }),
      (thrown: unknown) => this.fail(id, AppError.from(thrown)),
    )
    this.change(id, {})
    return { id }
  }

  /** Whether a job is still remembered. */
  isKnown(id: string): boolean {
    return this.jobs.has(id)
  }

  /** Cancels everything. */
  close(): void {
    for (const cancel of this.running.values()) cancel.abort()
  }

  readonly handlers: Handlers<WorkbenchContract>['jobs'] = {
    list: () => [...this.jobs.values()].reverse(),
    get: ({ id }) => this.find(id),
    cancel: ({ id }) => {
      this.find(id)
      this.running.get(id)?.abort()
      return {}
    },
  }

  private find(id: string): Job {
    const job = this.jobs.get(id)
    if (job) return job
    const message = `There is no job '${id}': jobs are forgotten when the workbench ends`
    throw new AppError('not-found', message, { value: id })
  }

  private fail(id: string, error: AppError): void {
    if (error.code === 'internal') this.workbench.report(error)
    const status = error.code === 'cancelled' ? 'cancelled' : 'failed'
    this.end(id, { status, error: failureOf(error) })
  }

  private end(id: string, changes: Partial<Job>): void {
    this.running.delete(id)
    this.change(id, { ...changes, progress: null, endedAt: Date.now() })
  }

  private change(id: string, changes: Partial<Job>): void {
    const job = this.jobs.get(id)
    if (!job) return
    const changed = { ...job, ...changes }
    this.jobs.set(id, changed)
    this.workbench.emit.jobs.onChanged(changed)
  }

  private forgetOldest(): void {
    for (const id of this.jobs.keys()) {
      if (this.jobs.size <= kept) return
      if (!this.running.has(id)) this.jobs.delete(id)
    }
  }
}
