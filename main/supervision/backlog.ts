/** Writes that a full disk refused are kept and done later, in order, so that training goes on and nothing is lost meanwhile. */
import { AppError } from '../../core/errors/index.ts'

export interface BacklogOptions {
  /** Told once when writing begins to fail, and of each write that is given up. */
  readonly onTrouble: (error: AppError) => void
  readonly retryMs?: number
  /** Writes kept at most; the oldest goes first. */
  readonly capacity?: number
}

export class Backlog {
  private readonly waiting: (() => void)[] = []
  private readonly options: BacklogOptions
  private timer: NodeJS.Timeout | undefined

  constructor(options: BacklogOptions) {
    this.options = options
  }

  /** Does a write now, or after those that still wait. A defect in it is told and not repeated. */
  write(work: () => void): void {
    this.waiting.push(work)
    if (this.waiting.length > (this.options.capacity ?? 20_000)) this.waiting.shift()
    if (this.timer === undefined) this.flush()
  }

  /** @returns whether everything is written. */
  flush(): boolean {
    clearTimeout(this.timer)
    this.timer = undefined
    while (this.waiting.length > 0) {
      try {
        this.waiting[0]?.()
      } catch (thrown) {
        const error = AppError.from(thrown)
        this.options.onTrouble(error)
        if (error.code === 'disk-full' || error.code === 'data-unreadable') {
          this.timer = setTimeout(() => this.flush(), this.options.retryMs ?? 5000).unref()
          return false
        }
      }
      this.waiting.shift()
    }
    return true
  }
}
