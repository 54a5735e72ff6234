/** `multigrain presets`: ready configurations. */
import { getPreset, listPresets, parseConfig, toYaml } from '../../experiment/index.ts'
import { table } from '../table.ts'
import { onlyArgument, runAction } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

type Answer = Promise<Readonly<Record<string, unknown>>>

export const presets: Command = {
  name: 'presets',
  summary: 'List ready configurations, or show one as YAML',
  usage: '[list | show NAME]',
  options: {},
  examples: [
    { line: 'presets show sample > mine.yaml', explanation: 'a file to change and give to train --config' },
  ],
  run: invocation => runAction('presets', { list, show }, invocation),
}

async function list({ output }: Invocation): Answer {
  const found = listPresets()
  output.line(
    table(
      ['NAME', 'TITLE', 'SUMMARY'],
      found.map(({ name, title, summary }) => [name, title, summary]),
    ),
  )
  return { presets: found.map(({ name, title, summary, source }) => ({ name, title, summary, source })) }
}

async function show({ output }: Invocation, args: readonly string[]): Answer {
  const preset = getPreset(onlyArgument(args, 'presets show NAME'))
  const config = parseConfig(preset.config)
  output.line(
    `# ${preset.title}\n# ${preset.summary}\n# ${preset.source}\n${toYaml({ ...config })}`.trimEnd(),
  )
  return { name: preset.name, config }
}
