/** `multigrain config`: checks a configuration before anything is trained with it. */
import { configJsonSchema, parseConfig, toYaml } from '../../experiment/index.ts'
import { checkTogether } from '../checkTogether.ts'
import { chooseConfig, readConfigFile } from '../chooseConfig.ts'
import { onlyArgument, runAction } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'
import { configOptions } from './shared/configOptions.ts'

type Answer = Promise<Readonly<Record<string, unknown>>>

export const config: Command = {
  name: 'config',
  summary: 'Check a configuration file, show what it amounts to, or print its schema',
  usage: '(check FILE | show [options] | schema)',
  details:
    'check names every mistake with file, line and column. show fills in the defaults. schema is JSON Schema, for editors.',
  options: configOptions,
  examples: [
    { line: 'config check mine.yaml', explanation: 'is it right?' },
    { line: 'config show --preset sample --set schedule=constant', explanation: 'the whole configuration' },
  ],
  run: invocation => runAction('config', { check, show, schema }, invocation),
}

async function check({ output }: Invocation, args: readonly string[]): Answer {
  const file = onlyArgument(args, 'config check FILE')
  const complete = parseConfig(readConfigFile(file))
  checkTogether(complete)
  output.line(`${file}: no mistakes`)
  return { file, config: complete }
}

async function show(invocation: Invocation): Answer {
  const complete = chooseConfig(invocation)
  invocation.output.line(toYaml({ ...complete }).trimEnd())
  return { config: complete }
}

async function schema({ output }: Invocation): Answer {
  const value = configJsonSchema()
  output.line(JSON.stringify(value, null, 2))
  return { schema: value }
}
