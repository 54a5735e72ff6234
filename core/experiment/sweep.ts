/** Many runs of one configuration that differ in a few fields: the settings of a grid, or of a random search. */
import { checkConfig, type Issue } from './config.ts'
import { seededNumbers } from './seededNumbers.ts'
import { applySet } from './set.ts'

export interface SweptRange {
  readonly from: number
  readonly to: number
  readonly scale: 'linear' | 'log'
  /** Values of a grid, ends included. */
  readonly count: number
  readonly isInteger: boolean
}

export interface SweptField {
  /** Dotted, such as `schedule.options.learningRate`; `optimizer.name` takes other entries with their defaults. */
  readonly path: string
  /** What it takes in turn; empty where a range is given. */
  readonly values: readonly unknown[]
  readonly range: SweptRange | null
}

export interface Sweep {
  readonly fields: readonly SweptField[]
  readonly search: 'grid' | 'random'
  /** Settings of a random search. */
  readonly count: number
  readonly seed: number
  readonly mostRuns: number
}

/** The values of one run, in the order of the fields. */
export type Setting = readonly unknown[]

export interface SweepSettings {
  /** Settings there are, before `mostRuns` cuts them off. */
  readonly total: number
  readonly settings: readonly Setting[]
  readonly issues: readonly Issue[]
}

/** Decimal digits that a value of a range keeps: more would only make names and tables unreadable. */
const digits = 4

/**
 * A grid goes through every combination, the last field fastest. A random search draws each field by itself, seeded: of a list each
 * value is as likely as the others; of a range, values are even on its scale. Settings that were drawn before are drawn again.
 */
export function sweepSettings(sweep: Sweep): SweepSettings {
  const issues = sweep.fields.flatMap((field, index) => fieldIssues(field, index, sweep.fields))
  if (issues.length > 0) return { total: 0, settings: [], issues }
  const all = sweep.search === 'grid' ? grid(sweep) : random(sweep)
  return { ...all, issues }
}

/** A configuration with the values of one setting. @throws AppError invalid-config when a field is not there */
export function settingConfig(
  config: Readonly<Record<string, unknown>>,
  fields: readonly SweptField[],
  setting: Setting,
): Record<string, unknown> {
  // Entries first: choosing one gives its options their defaults.
  const order = fields.map((_, index) => index).sort((a, b) => rank(fields[a]!) - rank(fields[b]!))
  return order.reduce<Record<string, unknown>>(
    (changed, index) => applySet(changed, `${fields[index]!.path}=${JSON.stringify(setting[index])}`),
    { ...config },
  )
}

/** The configurations of a sweep's runs, checked; issues of the first few that cannot be trained. */
export function sweepConfigs(
  config: Readonly<Record<string, unknown>>,
  sweep: Sweep,
): SweepSettings & { readonly configs: readonly Record<string, unknown>[] } {
  const found = sweepSettings(sweep)
  const issues = [...found.issues]
  const configs: Record<string, unknown>[] = []
  for (const setting of found.settings) {
    const checked = checkSetting(config, sweep.fields, setting)
    if (checked.config !== null) configs.push({ ...checked.config })
    for (const { path, message } of checked.issues) {
      issues.push({ path, message: `${message} (at ${settingText(sweep.fields, setting)})` })
    }
    if (issues.length >= mostIssues) break
  }
  return { ...found, issues: issues.slice(0, mostIssues), configs }
}

const mostIssues = 8

/** `learningRate 0.1, batchSize 64`: what tells a run of the sweep from the others. */
export function settingText(fields: readonly Pick<SweptField, 'path'>[], setting: Setting): string {
  return fields.map(({ path }, index) => `${shortName(path)} ${valueText(setting[index])}`).join(', ')
}

function checkSetting(config: Readonly<Record<string, unknown>>, fields: Sweep['fields'], setting: Setting) {
  try {
    return checkConfig(settingConfig(config, fields, setting))
  } catch (thrown) {
    const details = (thrown as { details?: { issues?: Issue[] } }).details
    return { config: null, issues: details?.issues ?? [{ path: '', message: String(thrown) }] }
  }
}

function fieldIssues({ path, values, range }: SweptField, index: number, fields: Sweep['fields']): Issue[] {
  const issue = (message: string): Issue[] => [{ path, message }]
  if (fields.findIndex(field => field.path === path) < index) return issue('this field is swept twice')
  if (range === null) return values.length > 0 ? [] : issue('expected at least one value to take')
  if (!(range.from < range.to)) return issue(`expected a range that grows, got ${range.from} to ${range.to}`)
  if (range.scale === 'log' && range.from <= 0) {
    return issue(`a range on a logarithmic scale begins above 0, got ${range.from}`)
  }
  return []
}

function grid({ fields, mostRuns }: Sweep): Omit<SweepSettings, 'issues'> {
  const columns = fields.map(valuesOf)
  const total = columns.reduce((product, values) => product * values.length, 1)
  const settings = Array.from({ length: Math.min(total, mostRuns) }, (_, place) => {
    let rest = place
    return columns.map((_, index) => {
      const below = columns.slice(index + 1).reduce((product, values) => product * values.length, 1)
      const at = Math.floor(rest / below)
      rest %= below
      return columns[index]![at]
    })
  })
  return { total, settings }
}

function random({ fields, seed, count, mostRuns }: Sweep): Omit<SweepSettings, 'issues'> {
  const next = seededNumbers(seed)
  const wanted = Math.min(count, mostRuns)
  const settings = new Map<string, Setting>()
  // A small list runs out of new settings.
  for (let tries = 0; settings.size < wanted && tries < 50 * wanted; tries++) {
    const setting = fields.map(field => draw(field, next()))
    settings.set(JSON.stringify(setting), setting)
  }
  return { total: settings.size < wanted ? settings.size : count, settings: [...settings.values()] }
}

/** The values of a field in a grid; a range of whole numbers may hold fewer than asked. */
export function valuesOf({ values, range }: SweptField): readonly unknown[] {
  if (range === null) return [...new Map(values.map(value => [JSON.stringify(value), value])).values()]
  const points = Array.from({ length: range.count }, (_, index) => onRange(range, index / (range.count - 1)))
  return [...new Set(points)]
}

function draw({ values, range }: SweptField, chance: number): unknown {
  return range === null ? values[Math.floor(chance * values.length)] : onRange(range, chance)
}

/** @param share from 0, the beginning of the range, to 1 */
function onRange({ from, to, scale, isInteger }: SweptRange, share: number): number {
  const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share
  if (isInteger) return Math.round(value)
  return Number(value.toPrecision(digits))
}

function rank({ path }: SweptField): number {
  return path.endsWith('.name') ? 0 : 1
}

/** `optimizer` for the choice of an entry, else the last part. */
function shortName(path: string): string {
  const parts = path.split('.')
  const last = parts.at(-1) ?? path
  return last === 'name' ? (parts.at(-2) ?? last) : last
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
