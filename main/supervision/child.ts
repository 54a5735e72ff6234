/**
 * A supervised Node child: starts it on the pinned Node, watches its heartbeat, keeps the end of what it wrote to stderr, and says
 * how it ended.
 */
import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { AppError } from '../../core/errors/index.ts'
import { nativeEnvironment } from '../libtorch/active.ts'
import { nodePath } from '../nodePath.ts'

export interface ChildOptions {
  /** The script. */
  readonly entry: string
  readonly name: string
  /** Folder for the report that a hanging process leaves. */
  readonly reportFolder: string
  readonly onMessage: (message: unknown) => void
  readonly onStderr?: (line: string) => void
  readonly onExit: (end: ChildEnd) => void
  /** Told of what one of the functions above threw; a defect in one must not end the host. */
  readonly report: (error: AppError) => void
  readonly environment?: NodeJS.ProcessEnv
}

/** How a child ended. `error` null: by itself, with exit code 0, 130 or 143. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly error: AppError | null
  /** Of several ranks: the error of the first that ended, where it is another one than this. */
  readonly other?: AppError
}

const keptStderr = 8000

export class Child {
  /** Null when it could not be started. */
  readonly pid: number | null
  private readonly child: ChildProcess
  private readonly options: ChildOptions
  private readonly oomKillsBefore = oomKills()
  private stderr = ''
  private killReason: string | null = null
  private hasEnded = false

  constructor(options: ChildOptions) {
    this.options = options
    const reporting = process.platform === 'win32' ? [] : reportFlags(options.reportFolder)
    this.child = fork(options.entry, [], {
      execPath: nodePath(),
      execArgv: ['--disable-warning=ExperimentalWarning', ...reporting],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: childEnvironment(options.environment),
      // Its own process group: Ctrl-C in the terminal reaches the host alone, which then asks the child to save.
      detached: process.platform !== 'win32',
    })
    this.pid = this.child.pid ?? null
    this.child.on('message', message => this.tell(() => options.onMessage(message)))
    for (const stream of [this.child.stderr, this.child.stdout])
      stream?.setEncoding('utf8').on('data', this.keepText)
    this.child.on('error', error => this.end(null, null, error))
    this.child.on('exit', (code, signal) => void this.drain().finally(() => this.end(code, signal)))
  }

  /** Sends a message; one to a child that is ending is lost without harm. */
  send(message: unknown): void {
    if (!this.child.connected) return
    this.child.send(message as Serializable, () => {})
  }

  /** Drops the channel: a child without its host saves and ends by itself. */
  disconnect(): void {
    if (this.child.connected) this.child.disconnect()
  }

  terminate(): void {
    this.child.kill('SIGTERM')
  }

  /** Ends the child at once. @param reason why, for the error that its end is reported with. */
  kill(reason: string): void {
    this.killReason ??= reason
    this.child.kill('SIGKILL')
  }

  /** A hanging child writes what it is doing to the report folder, then is killed. */
  reportAndKill(reason: string, graceMs = 2000): void {
    this.killReason ??= reason
    if (process.platform !== 'win32') this.child.kill('SIGUSR2')
    setTimeout(() => this.kill(reason), graceMs).unref()
  }

  /** What a child said last may arrive after its end; grandchildren that hold its pipes open are not waited for. */
  private async drain(): Promise<void> {
    const { stdout, stderr } = this.child
    const closed = [stdout, stderr].map(stream => (stream && !stream.closed ? once(stream, 'close') : null))
    const silent = this.child.connected ? once(this.child, 'disconnect') : null
    const late = new Promise(resolve => setTimeout(resolve, 1000))
    await Promise.race([Promise.allSettled([...closed, silent]), late])
    await new Promise(resolve => setImmediate(resolve))
  }

  private readonly keepText = (text: string): void => {
    this.stderr = (this.stderr + text).slice(-keptStderr)
    for (const line of text.split('\n'))
      if (line.trim() !== '') this.tell(() => this.options.onStderr?.(line))
  }

  private end(code: number | null, signal: NodeJS.Signals | null, cause?: Error): void {
    if (this.hasEnded) return
    this.hasEnded = true
    const error = this.errorOf(code, signal, cause)
    this.tell(() => this.options.onExit({ code, signal, stderr: this.stderr, error }))
  }

  private tell(work: () => void): void {
    try {
      work()
    } catch (thrown) {
      this.options.report(AppError.from(thrown, this.options.name))
    }
  }

  private errorOf(code: number | null, signal: NodeJS.Signals | null, cause?: Error): AppError | null {
    const { name } = this.options
    const details = { code, signal, pid: this.pid, stderr: this.stderr.slice(-2000) }
    if (cause)
      return new AppError(
        'trainer-lost',
        `The ${name} could not be started: ${cause.message}`,
        details,
        cause,
      )
    if (this.killReason !== null)
      return new AppError('trainer-lost', `The ${name} was ended: ${this.killReason}`, details)
    if (this.stderr.includes('JavaScript heap out of memory')) {
      const message = `The ${name} ran out of memory. Choose a smaller batch size or fewer decode threads`
      return new AppError('out-of-memory', message, details)
    }
    if (signal === 'SIGKILL') return killedFromOutside(name, details, oomKills() > this.oomKillsBefore)
    if (signal === 'SIGTERM' || signal === 'SIGINT') return null
    if (signal !== null) return new AppError('trainer-lost', `The ${name} crashed (${signal})`, details)
    if (code === 0 || code === 130 || code === 143) return null
    return new AppError(
      'trainer-lost',
      `The ${name} ended with exit code ${code}${lastLine(this.stderr)}`,
      details,
    )
  }
}

/** SIGKILL that is not ours: the system's out-of-memory killer, if its counter says so or nothing else explains it. */
function killedFromOutside(name: string, details: Record<string, unknown>, isOutOfMemory: boolean): AppError {
  const remedy =
    'Choose a smaller batch size, fewer decode threads or a shorter prefetch, or close other programs'
  if (isOutOfMemory) {
    const message = `The ${name} was killed by the system, as the machine ran out of memory. ${remedy}`
    return new AppError('out-of-memory', message, { ...details, remedy })
  }
  const message = `The ${name} was killed from outside (SIGKILL). Systems do this when memory runs out: if so, ${remedy.toLowerCase()}`
  return new AppError('trainer-lost', message, { ...details, remedy })
}

/** Processes that the kernel has killed for memory so far; 0 where it does not say. */
function oomKills(): number {
  for (const [file, pattern] of [
    ['/sys/fs/cgroup/memory.events', /^oom_kill (\d+)/m],
    ['/proc/vmstat', /^oom_kill (\d+)/m],
  ] as const) {
    try {
      const found = pattern.exec(readFileSync(file, 'utf8'))
      if (found) return Number(found[1])
    } catch {
      // Not on this system.
    }
  }
  return 0
}

function reportFlags(folder: string): string[] {
  return [
    ...['--report-on-signal', '--report-signal=SIGUSR2', '--report-compact', '--report-exclude-network'],
    ...['--report-exclude-env', `--report-directory=${folder}`],
  ]
}

/** This process's environment without what would turn a child into something else. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const {
    ELECTRON_RUN_AS_NODE: _electron,
    NODE_OPTIONS: _options,
    NODE_CHANNEL_FD: _channel,
    ...rest
  } = process.env
  return rest
}

function childEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...plainEnvironment(), ...nativeEnvironment(process.env['MULTIGRAIN_LIBTORCH_FOLDER']), ...extra }
}

/** The error in what a dying Node wrote, else the last line that is not part of a stack. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter(line => /\w/.test(line) && !/^\s+at |^Node\.js v/.test(line))
  const line = lines.findLast(each => /^(Uncaught )?\w*Error\b/.test(each)) ?? lines.at(-1)
  return line === undefined ? '' : `: ${line.trim().slice(0, 300)}`
}
