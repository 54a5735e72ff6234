/** A machine that exists only in the test: what is there, what commands answer, and what was run and said. */
import type { Machine, RunOptions, RunResult } from '../../../main/setup/machine.mjs'

export interface FakeMachine extends Machine {
  readonly said: string[]
  readonly ran: string[]
  readonly files: Map<string, string>
}

export function fakeMachine(
  overrides: Partial<Machine> & {
    readonly files?: Readonly<Record<string, string>>
    readonly programs?: readonly string[]
    readonly answer?: (line: string, options?: RunOptions) => Partial<RunResult> | undefined
  } = {},
): FakeMachine {
  const { files: given = {}, programs = [], answer, ...rest } = overrides
  const files = new Map(Object.entries(given))
  const said: string[] = []
  const ran: string[] = []
  return {
    root: '/project',
    env: {},
    platform: 'linux',
    arch: 'x64',
    nodePath: '/usr/bin/node',
    nodeVersion: '20.1.0',
    isRoot: false,
    isTerminal: false,
    isYes: false,
    isCi: false,
    say: line => void said.push(line),
    ask: () => Promise.reject(new Error('nobody is there to be asked')),
    run: (command, args, options) => {
      const line = [command, ...args].join(' ')
      ran.push(line)
      return Promise.resolve({ code: 0, output: '', timedOut: false, ...answer?.(line, options) })
    },
    which: name => (programs.includes(name) ? `/usr/bin/${name}` : null),
    exists: path => files.has(path),
    readText: path => files.get(path) ?? null,
    writeText: (path, text) => void files.set(path, text),
    stat: path => (files.has(path) ? { uid: 0, mode: 0o755 } : null),
    ...rest,
    said,
    ran,
    files,
  }
}
