/**
 * Writes that a full disk refuses are kept and done later, in order, so that training goes on meanwhile. Memory is no disk either:
 * beyond its capacity the oldest figures are given up, and that is told; how things ended is never given up.
 */
import { AppError } from '../../core/errors/index.ts'

export interface BacklogOptions {
  /** Told when writing begins to fail, and of each write that turns out to be a defect. */
  readonly onTrouble: (error: AppError) => void
  /** Told when all that waited is written. */
  readonly onRelief?: () => void
  /** Told once for each time of trouble when figures are given up. */
  readonly onLoss?: () => void
  readonly retryMs?: number
  /** Writes of figures that wait at most. */
  readonly capacity?: number
}

interface Waiting {
  readonly work: () => void
  readonly isFigures: boolean
}

export class Backlog {
  private waiting: Waiting[] = []
  private readonly options: BacklogOptions
  private timer: NodeJS.Timeout | undefined
  private isInTrouble = false
  private hasLost = false
  private figuresWaiting = 0

  constructor(options: BacklogOptions) {
    this.options = options
  }

  /** Does a write now, or after those that still wait. A defect in it is told and not repeated. */
  write(work: () => void, options: { readonly isFigures?: boolean } = {}): void {
    const isFigures = options.isFigures ?? false
    this.waiting.push({ work, isFigures })
    if (isFigures) this.figuresWaiting++
    if (this.figuresWaiting > (this.options.capacity ?? 20_000)) this.giveUpOldest()
    if (this.timer === undefined) this.flush()
  }

  /** @returns whether everything is written. */
  flush(): boolean {
    clearTimeout(this.timer)
    this.timer = undefined
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      try {
        next.work()
      } catch (thrown) {
        const error = AppError.from(thrown)
        if (isDiskTrouble(error)) {
          this.timer = setTimeout(() => this.flush(), this.options.retryMs ?? 5000).unref()
          if (!this.isInTrouble) this.options.onTrouble(error)
          this.isInTrouble = true
          return false
        }
        this.options.onTrouble(error)
      }
      this.drop(0)
    }
    if (this.isInTrouble) this.options.onRelief?.()
    this.isInTrouble = this.hasLost = false
    return true
  }

  private giveUpOldest(): void {
    this.drop(this.waiting.findIndex(each => each.isFigures))
    if (!this.hasLost) this.options.onLoss?.()
    this.hasLost = true
  }

  private drop(place: number): void {
    const [dropped] = this.waiting.splice(place, 1)
    if (dropped?.isFigures) this.figuresWaiting--
  }
}

/** Whether it may go well later, when the user has made room or brought the disk back. */
export function isDiskTrouble(error: AppError): boolean {
  return error.code === 'disk-full' || error.code === 'data-unreadable'
}
