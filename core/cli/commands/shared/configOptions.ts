/** Options of every command that takes a configuration. */
import type { OptionInfo } from './command.ts'

export const configOptions: Readonly<Record<string, OptionInfo>> = {
  preset: {
    type: 'string',
    value: 'NAME',
    description: 'start from a preset; the command presets lists them',
  },
  config: {
    type: 'string',
    value: 'FILE',
    description: 'start from a YAML file; the command presets show NAME writes one',
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'KEY=VALUE',
    description: 'change one field, such as training.batchSize=128; may be repeated',
  },
  epochs: { type: 'string', value: 'N', description: 'short for --set training.epochs=N' },
}
