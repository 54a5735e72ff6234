/** The configuration that `--preset`, `--config`, `--set` and `--epochs` add up to. */
import { readFileSync } from 'node:fs'
import { AppError } from '../errors/index.ts'
import {
  applySet,
  checkConfig,
  getPreset,
  locateYaml,
  parseConfig,
  parseYaml,
  type RunConfig,
} from '../experiment/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import { program } from './program.ts'

/** @throws AppError invalid-config that names every bad field, with file, line and column where it stands in a file. */
export function chooseConfig(invocation: Invocation): RunConfig {
  const preset = invocation.text('preset')
  const file = invocation.text('config')
  if ((preset === undefined) === (file === undefined)) {
    throw new AppError(
      'invalid-request',
      `expected either --preset NAME or --config FILE.yaml. \`${program} presets\` lists the presets`,
    )
  }
  const changes = [...invocation.texts('set')]
  const epochs = invocation.text('epochs')
  if (epochs !== undefined) changes.push(`training.epochs=${epochs}`)
  const ranks = invocation.text('ranks')
  if (ranks !== undefined) changes.push(`training.ranks=${ranks}`)
  const logFormat = invocation.text('log-format')
  if (logFormat !== undefined) changes.push(`training.logFormat=${logFormat}`)
  const base = preset === undefined ? readConfigFile(file ?? '') : getPreset(preset).config
  return parseConfig(changes.reduce((config, change) => applySet(config, change), { ...base }))
}

/**
 * A configuration from a YAML file, checked.
 * @throws AppError invalid-config or data-unreadable.
 */
export function readConfigFile(path: string): Record<string, unknown> {
  const text = readText(path)
  const value = parseYaml(text, path)
  const { issues } = checkConfig(value)
  if (issues.length === 0) return value as Record<string, unknown>
  const lines = issues.map(issue => {
    const at = locateYaml(text, issue.path)
    const place = at === null ? path : `${path}:${at.line}:${at.column}`
    return `${place}: ${issue.path === '' ? '' : `${issue.path}: `}${issue.message}`
  })
  throw new AppError('invalid-config', lines.join('\n'), { file: path, issues })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    const { message } = AppError.from(thrown, path)
    throw new AppError('invalid-request', message, { file: path }, thrown)
  }
}
