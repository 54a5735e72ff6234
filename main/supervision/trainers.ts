/**
 * The trainer processes of one run, one for each rank, as if they were one: what is said to them reaches all, rank 0 speaks for them,
 * and they have ended when the last one has. One that ends before the others takes them with it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import type { FromTrainer } from '../../core/training/ports.ts'
import { Child, type ChildEnd, type ChildOptions } from './child.ts'
import type { Limits } from './limits.ts'

export interface TrainersOptions extends Omit<ChildOptions, 'name' | 'environment'> {
  /** How many ranks. */
  readonly count: number
  readonly limits: Pick<Limits, 'saveDeadlineMs' | 'terminateGraceMs' | 'strayRankMs'>
}

interface Ended {
  readonly rank: number
  readonly end: ChildEnd
}

export class Trainers {
  private readonly options: TrainersOptions
  /** Where several ranks meet. */
  private readonly folder: string | null
  private readonly children: Child[] = []
  private readonly ended: Ended[] = []
  private readonly failures = new Map<number, AppError>()
  private readonly warnings = new Set<string>()
  private readonly timers: NodeJS.Timeout[] = []
  private areStraysKilled = false

  constructor(options: TrainersOptions) {
    this.options = options
    this.folder = options.count > 1 ? mkdtempSync(join(tmpdir(), 'multigrain-ranks-')) : null
    try {
      for (let rank = 0; rank < options.count; rank++) this.children.push(this.start(rank))
    } catch (thrown) {
      for (const child of this.children) child.kill('another rank could not be started')
      this.removeFolder()
      throw thrown
    }
  }

  /** Of rank 0, which writes the run's folder; null when it could not be started. */
  get pid(): number | null {
    return this.children[0]!.pid
  }

  send(message: unknown): void {
    for (const child of this.children) child.send(message)
  }

  terminate(): void {
    for (const child of this.children) child.terminate()
  }

  kill(reason: string): void {
    for (const child of this.children) child.kill(reason)
  }

  reportAndKill(reason: string): void {
    for (const child of this.children) child.reportAndKill(reason)
  }

  private start(rank: number): Child {
    const { count, onStderr } = this.options
    const isAlone = count === 1
    return new Child({
      ...this.options,
      name: isAlone ? 'trainer' : `trainer of rank ${rank}`,
      onMessage: message => (rank === 0 ? this.fromFirst(message) : this.fromOther(rank, message)),
      onStderr: line => onStderr?.(isAlone ? line : `Rank ${rank}: ${line}`),
      onExit: end => this.exited(rank, end),
      ...(this.folder === null ? {} : { environment: rankEnvironment(rank, count, this.folder) }),
    })
  }

  /** Ranks go in step and say the same; what one has said before the first does is not said again. */
  private fromFirst(message: unknown): void {
    const from = message as FromTrainer
    if (from.type === 'log' && this.warnings.delete(from.text)) return
    this.options.onMessage(message)
  }

  /** What only this rank can know: why it fails, and what is wrong with the images that only it has seen. */
  private fromOther(rank: number, message: unknown): void {
    const from = message as FromTrainer
    if (from.type === 'failed') this.failures.set(rank, AppError.fromReply(from.error))
    if (from.type !== 'log' || from.level !== 'warning') return
    this.warnings.add(from.text)
    setTimeout(() => {
      if (this.warnings.delete(from.text)) this.options.onMessage(message)
    }, 1000).unref()
  }

  private exited(rank: number, end: ChildEnd): void {
    this.ended.push({ rank, end })
    if (this.ended.length < this.options.count) return this.endOthers(rank)
    for (const timer of this.timers) clearTimeout(timer)
    this.removeFolder()
    const culprit = this.ended.find(each => this.causeOf(each) !== null)
    const failure = culprit && this.failures.get(culprit.rank)
    if (failure) this.options.onMessage(failedMessage(culprit.rank, failure))
    const { end: first } = this.ended.find(each => each.rank === 0)!
    const other = culprit && culprit.rank !== 0 ? culprit.end.error : null
    this.options.onExit(other === null ? first : { ...first, other })
  }

  /** Why a rank ended by itself; null when it was well, or went because another one was gone. */
  private causeOf({ rank, end }: Ended): AppError | null {
    const failure = this.failures.get(rank)
    if (failure) return 'ranks' in failure.details ? null : failure
    if (end.signal === 'SIGKILL' && this.areStraysKilled) return null
    // Rank 0 says by itself why it fails.
    return rank === 0 && end.code !== null ? null : end.error
  }

  /** The others notice by themselves, and rank 0 may have to save. Who does neither is ended. */
  private endOthers(rank: number): void {
    const { saveDeadlineMs, terminateGraceMs, strayRankMs } = this.options.limits
    const later = (ms: number, work: () => void): void => void this.timers.push(setTimeout(work, ms).unref())
    const kill = (): void => {
      this.areStraysKilled = true
      this.kill(`it went on after rank ${rank} had ended`)
    }
    if (rank === 0) later(strayRankMs, kill)
    else if (this.ended.length === 1) {
      later(saveDeadlineMs, () => this.terminate())
      later(saveDeadlineMs + terminateGraceMs, kill)
    }
  }

  private removeFolder(): void {
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The variables that torch's launchers set, and where the ranks meet. Cores are shared out. */
function rankEnvironment(rank: number, count: number, folder: string): NodeJS.ProcessEnv {
  const threads = Math.max(1, Math.floor(availableParallelism() / count))
  return {
    RANK: String(rank),
    WORLD_SIZE: String(count),
    LOCAL_RANK: String(rank),
    LOCAL_WORLD_SIZE: String(count),
    OMP_NUM_THREADS: process.env['OMP_NUM_THREADS'] ?? String(threads),
    MULTIGRAIN_RANKS: join(folder, 'meeting'),
  }
}

function failedMessage(rank: number, { code, message, details }: AppError): FromTrainer {
  return { type: 'failed', error: { code, message: `Rank ${rank}: ${message}`, details } }
}
