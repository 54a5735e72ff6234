/** The `multigrain` command: everything the workbench does, without a window. Exit code 0 is success. */
import { parseArgs } from 'node:util'
import { AppError } from '../errors/index.ts'
import { suggestion } from '../experiment/nearest.ts'
import { commands } from './commands/index.ts'
import type { Command, Invocation } from './commands/shared/command.ts'
import { commonOptions, helpOf, overview } from './help.ts'
import { listenForInterruption, type Interruption } from './interruption.ts'
import { createOutput, type Output } from './output.ts'
import type { Session } from './session.ts'

const usageExitCode = 2

async function main([name, ...args]: readonly string[]): Promise<number> {
  const list: readonly Command[] = commands
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview(list))
    return 0
  }
  const command = list.find(each => each.name === name)
  if (!command) {
    const known = list.map(each => each.name)
    return fail(
      createOutput(args.includes('--json')),
      new AppError('invalid-request', `There is no command '${name}'.${suggestion(name, known)}`),
    )
  }
  const output = createOutput(args.includes('--json'))
  try {
    const { values, positionals } = parse(command, args)
    if (values['help'] === true) {
      console.log(helpOf(command))
      return 0
    }
    return await run(command, output, values, positionals)
  } catch (thrown) {
    return fail(output, AppError.from(thrown))
  }
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

function parse(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...commonOptions }).map(([name, { type, multiple }]) => [
      name,
      { type, multiple: multiple ?? false },
    ]),
  )
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (thrown) {
    const written =
      /'(--?[^' ]+)/.exec(thrown instanceof Error ? thrown.message : '')?.[1]?.replace(/^-+/, '') ?? ''
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const known = Object.keys(options)
      throw new AppError(
        'invalid-request',
        `${command.name}: there is no option --${written}.${suggestion(written, known)}`,
        { known },
      )
    }
    throw new AppError(
      'invalid-request',
      `${command.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    )
  }
}

async function run(
  command: Command,
  output: Output,
  values: Values,
  positionals: readonly string[],
): Promise<number> {
  const interruption = listenForInterruption(output.note)
  let opened: Promise<Session> | undefined
  const invocation: Invocation = {
    positionals,
    output,
    interruption,
    text: option => (typeof values[option] === 'string' ? values[option] : undefined),
    texts: option => (Array.isArray(values[option]) ? values[option].map(String) : []),
    flag: option => values[option] === true,
    session: options => (opened ??= import('./session.ts').then(({ openSession }) => openSession(options))),
  }
  let exitCode: number
  try {
    const value = await command.run(invocation)
    output.clearProgress()
    exitCode = interruption.exitCode ?? 0
    if (output.isJson) output.json({ ok: exitCode === 0, ...value })
  } catch (thrown) {
    exitCode = fail(output, AppError.from(thrown), interruption)
  }
  await opened?.then(
    session => session.close(),
    () => {},
  )
  return exitCode
}

/** What was asked for is wrong, and nothing was begun. */
const mistakes: readonly AppError['code'][] = [
  'invalid-request',
  'invalid-config',
  'unknown-name',
  'not-found',
]

/** Errors of the caller's end with 2, those of the work with 1, and an interruption with the signal's code. */
function fail(output: Output, error: AppError, interruption?: Interruption): number {
  output.clearProgress()
  output.note(error.message)
  if (error.code === 'internal' && error.stack) output.note(error.stack)
  if (output.isJson) output.json({ ok: false, error: error.toReply() })
  if (interruption?.exitCode) return interruption.exitCode
  return mistakes.includes(error.code) ? usageExitCode : 1
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', error => process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1))
const exitCode = await main(process.argv.slice(2))
// A connection to a host that goes on would keep this process alive.
process.stdout.write('', () => process.exit(exitCode))
