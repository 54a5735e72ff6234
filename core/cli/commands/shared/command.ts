/** What a command of the command line is made of. Its help is written from the same declaration that is parsed. */
import type { Interruption } from '../../interruption.ts'
import type { Output } from '../../output.ts'
import type { Session, SessionOptions } from '../../session.ts'

export interface OptionInfo {
  readonly type: 'string' | 'boolean'
  /** May be given any number of times. */
  readonly multiple?: boolean
  /** Placeholder of the value in the help: `DIR`. */
  readonly value?: string
  readonly description: string
}

export interface Example {
  readonly line: string
  readonly explanation: string
}

/** What a command is called with. */
export interface Invocation {
  readonly positionals: readonly string[]
  /** Value of an option that takes one. */
  text(option: string): string | undefined
  /** Values of an option that may be repeated. */
  texts(option: string): readonly string[]
  flag(option: string): boolean
  readonly output: Output
  readonly interruption: Interruption
  /** Connects to the running host, or starts one in this process. Closed when the command ends. */
  session(options?: SessionOptions): Promise<Session>
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** Arguments after the name, as the help shows them: `CHECKPOINT [options]`. */
  readonly usage: string
  /** Further lines of the help. */
  readonly details?: string
  readonly options: Readonly<Record<string, OptionInfo>>
  readonly examples: readonly Example[]
  /** @returns the object that `--json` prints; what people read goes to `output`. */
  run(invocation: Invocation): Promise<Readonly<Record<string, unknown>>>
}
