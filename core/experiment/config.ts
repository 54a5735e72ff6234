/** A run's configuration: checked in one go, with every mistake named, and complete when it comes back. */
import { z } from 'zod'
import { AppError } from '../errors/index.ts'
import type { Choice, ResolvedChoice } from '../registry/registry.ts'
import { entryNames, families } from './families.ts'
import { issuesOf, joinPath, type Issue } from './issues.ts'
import { suggestion } from './nearest.ts'
import { precisionIssues } from './precision.ts'
import { RunConfigInput, type ChoiceFamily, type ParsedConfig } from './schema.ts'

export type { Issue } from './issues.ts'
export { applySet } from './set.ts'
export { locateYaml, parseYaml, toYaml } from './yaml.ts'

type Choices = 'model' | 'loss' | 'optimizer' | 'schedule' | 'sampler' | 'transforms'

/** A complete configuration: every default filled in, every choice with its version and all of its options. */
export interface RunConfig extends Omit<ParsedConfig, Choices> {
  model: ResolvedChoice
  loss: ResolvedChoice
  optimizer: ResolvedChoice
  schedule: ResolvedChoice
  sampler: ResolvedChoice
  transforms: { train: ResolvedChoice[]; eval: ResolvedChoice[] }
}

/**
 * Checks a configuration and fills in what it leaves out. A choice may be written as its name alone: `model: resnet50`.
 * @throws AppError invalid-config with details.issues {path, message}[]: every one, not only the first.
 */
export function parseConfig(input: unknown): RunConfig {
  const { issues, config } = checkConfig(input)
  if (config !== null) return config
  const message = issues
    .map(issue => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`))
    .join('; ')
  throw new AppError('invalid-config', message, { issues, field: issues[0]?.path ?? '' })
}

/** `parseConfig` that never throws: all issues, and the configuration when there are none. */
export function checkConfig(input: unknown): {
  readonly issues: readonly Issue[]
  readonly config: RunConfig | null
} {
  const spelledOut = spellOutChoices(input)
  const parsed = RunConfigInput.safeParse(spelledOut)
  const issues: Issue[] = parsed.success ? [] : issuesOf(parsed.error, RunConfigInput, spelledOut)
  const draft = parsed.success ? parsed.data : partlyParsed(spelledOut)
  const resolved = resolveChoices(draft, issues)
  if (!parsed.success) return { issues: unique(issues), config: null }
  const config: RunConfig = { ...parsed.data, ...(resolved as Pick<RunConfig, Choices>) }
  if (issues.length === 0) issues.push(...crossChecks(config))
  return { issues: unique(issues), config: issues.length === 0 ? config : null }
}

/**
 * JSON Schema of the configuration. A choice of an entry is an object {name, version, options} marked with `family`; its name
 * lists the known entries. Fields carry title, description, unit, default, minimum and maximum.
 */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(RunConfigInput, {
    io: 'input',
    unrepresentable: 'any',
    override: context => {
      const family = context.jsonSchema['family']
      const name = context.jsonSchema.properties?.['name']
      if (typeof family !== 'string' || typeof name !== 'object') return
      name.enum = entryNames(family as ChoiceFamily)
    },
  })
}

/** `model: resnet50` becomes `model: { name: resnet50 }`; anything else stays for the schema to judge. */
function spellOutChoices(input: unknown): unknown {
  if (!isRecord(input)) return input
  const copy: Record<string, unknown> = { ...input }
  for (const family of ['model', 'loss', 'optimizer', 'schedule', 'sampler']) {
    if (typeof copy[family] === 'string') copy[family] = { name: copy[family] }
  }
  if (isRecord(copy['transforms'])) {
    const spelled = Object.entries(copy['transforms']).map(([when, steps]) => [when, spellOutList(steps)])
    copy['transforms'] = Object.fromEntries(spelled)
  }
  return copy
}

function spellOutList(steps: unknown): unknown {
  return Array.isArray(steps)
    ? steps.map((step: unknown) => (typeof step === 'string' ? { name: step } : step))
    : steps
}

/** The well-formed choices of a configuration that has mistakes elsewhere, so that theirs are told at the same time. */
function partlyParsed(input: unknown): Partial<ParsedConfig> {
  if (!isRecord(input)) return {}
  const draft: Record<string, unknown> = {}
  for (const key of ['model', 'loss', 'optimizer', 'schedule', 'sampler', 'transforms'] as const) {
    const parsed = RunConfigInput.shape[key].safeParse(input[key])
    if (parsed.success) draft[key] = parsed.data
  }
  return draft as Partial<ParsedConfig>
}

function resolveChoices(draft: Partial<ParsedConfig>, issues: Issue[]): Partial<Record<Choices, unknown>> {
  const one = (family: ChoiceFamily, choice: Choice | undefined, path: string): ResolvedChoice | undefined =>
    choice === undefined ? undefined : resolveChoice(family, choice, path, issues)
  const many = (steps: readonly Choice[] | undefined, path: string): unknown[] =>
    (steps ?? []).map((step, index) => one('transform', step, `${path}.${index}`))
  return {
    model: one('model', draft.model, 'model'),
    loss: one('loss', draft.loss, 'loss'),
    optimizer: one('optimizer', draft.optimizer, 'optimizer'),
    schedule: one('schedule', draft.schedule, 'schedule'),
    sampler: one('sampler', draft.sampler, 'sampler'),
    transforms: {
      train: many(draft.transforms?.train, 'transforms.train'),
      eval: many(draft.transforms?.eval, 'transforms.eval'),
    },
  }
}

function resolveChoice(
  family: ChoiceFamily,
  choice: Choice,
  path: string,
  issues: Issue[],
): ResolvedChoice | undefined {
  const known = entryNames(family)
  if (!known.includes(choice.name)) {
    issues.push({
      path: `${path}.name`,
      message: `unknown ${family} '${choice.name}'.${suggestion(choice.name, known)}`,
    })
    return undefined
  }
  const entry = families[family].get(choice.name)
  if (choice.version === undefined || choice.version === entry.version) {
    const options = choice.options ?? {}
    const parsed = entry.options.safeParse(options)
    if (!parsed.success)
      issues.push(...issuesOf(parsed.error, entry.options, options, joinPath(path, ['options'])))
    return parsed.success
      ? { name: entry.name, version: entry.version, options: parsed.data as Record<string, unknown> }
      : undefined
  }
  try {
    return families[family].resolve(choice, path)
  } catch (thrown) {
    const error = AppError.from(thrown)
    issues.push(...((error.details['issues'] as Issue[] | undefined) ?? [{ path, message: error.message }]))
    return undefined
  }
}

/** What no single field can know. */
function crossChecks(config: RunConfig): Issue[] {
  const issues: Issue[] = []
  const { channels } = config.input
  for (const field of ['mean', 'std'] as const) {
    const count = config.input[field].length
    if (count === channels) continue
    const message = `expected ${channels} ${channels === 1 ? 'value' : 'values'}, one per channel (input.channels is ${channels}), got ${count}`
    issues.push({ path: `input.${field}`, message })
  }
  const { epochs } = config.training
  const warmupEpochs = config.schedule.options['warmupEpochs']
  if (typeof warmupEpochs === 'number' && warmupEpochs > epochs) {
    const message = `expected at most training.epochs (${epochs}), got ${warmupEpochs}: the run would end before its warm-up`
    issues.push({ path: 'schedule.options.warmupEpochs', message })
  }
  if (config.device !== 'auto' && !['auto', 'torch'].includes(config.backend)) {
    const message = `the backend '${config.backend}' has one device, got '${config.device}'. Set device to auto, or backend to torch`
    issues.push({ path: 'device', message })
  }
  return [...issues, ...rankIssues(config), ...precisionIssues(config.precision, config.backend)]
}

/**
 * Why a batch does not part evenly among ranks; null when it does. The mean of the ranks' means would not be that of the batch.
 * @param named the number of ranks, in words
 */
export function unevenBatch(batchSize: number, ranks: number, named: string): string | null {
  if (batchSize % ranks === 0) return null
  const less = Math.floor(batchSize / ranks) * ranks
  const fitting = [less, less + ranks].filter(size => size > 0).join(' or ')
  return `expected a multiple of ${named}, as each rank takes an equal part of every batch, got ${batchSize}. Use ${fitting}`
}

function rankIssues({ training: { ranks, batchSize }, backend, device }: RunConfig): Issue[] {
  if (ranks === 1) return []
  const issues: Issue[] = []
  const uneven = unevenBatch(batchSize, ranks, `training.ranks (${ranks})`)
  if (uneven !== null) issues.push({ path: 'training.batchSize', message: uneven })
  if (!['auto', 'torch'].includes(backend)) {
    const message = `the backend '${backend}' trains in one process, got ${ranks} ranks. Set backend to torch, or training.ranks to 1`
    issues.push({ path: 'training.ranks', message })
  }
  if (/^cuda:/.test(device)) {
    const message = `each of ${ranks} ranks takes a GPU of its own, got '${device}'. Set device to auto, or training.ranks to 1`
    issues.push({ path: 'device', message })
  }
  return issues
}

function unique(issues: readonly Issue[]): Issue[] {
  const byText = new Map(issues.map(issue => [`${issue.path}\n${issue.message}`, issue]))
  return [...byText.values()]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
