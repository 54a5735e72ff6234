/** The help of the command line and of each command. */
import type { Command, OptionInfo } from './commands/shared/command.ts'
import { program } from './program.ts'
import { table } from './table.ts'

/** Options of every command. */
export const commonOptions: Readonly<Record<string, OptionInfo>> = {
  json: { type: 'boolean', description: 'print one JSON object as the last line of standard output' },
  help: { type: 'boolean', description: 'show this help' },
}

/** What the program can do. */
export function overview(commands: readonly Command[]): string {
  return [
    `Usage: ${program} COMMAND [options]\n`,
    table(
      ['COMMAND', ''],
      commands.map(({ name, summary }) => [name, summary]),
    ),
    `\nHelp of a command: ${program} COMMAND --help`,
    "The data folder is MULTIGRAIN_HOME, else the platform's own place for application data.",
  ].join('\n')
}

/** One command with its options and examples. */
export function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, ...commonOptions }).map(([name, option]) => [
    `  --${name}${option.value === undefined ? '' : ` ${option.value}`}`,
    option.description,
  ])
  const examples = command.examples.map(
    ({ line, explanation }) => `  ${program} ${line}\n      ${explanation}`,
  )
  return [
    `${command.summary}.\n`,
    `Usage: ${program} ${command.name} ${command.usage}\n`,
    ...(command.details === undefined ? [] : [`${command.details}\n`]),
    `Options:\n${table(['', ''], rows).trimStart().replace(/^/, '  ')}\n`,
    `Examples:\n${examples.join('\n')}`,
  ].join('\n')
}
