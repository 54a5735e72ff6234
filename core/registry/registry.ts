/** What every pluggable thing (model, loss, optimizer, schedule, transform, ...) has in common. */
import { z } from 'zod'
import { AppError } from '../errors/index.ts'

/**
 * One registered thing. `options` is a strict zod object whose fields carry defaults, and whose `.meta()` carries
 * `title`, `description` and, where there is one, `unit`: the form, the command-line help and the validation errors
 * are all made from it.
 *
 * `version` starts at 1 and grows when the meaning of the options changes; `upgrades[v]` then turns the options of
 * version v into those of version v + 1, so that a stored configuration always opens.
 */
export interface Entry<Name extends string, Schema extends z.ZodType, Made> {
  readonly name: Name
  readonly title: string
  readonly summary: string
  readonly source: string
  readonly version: number
  readonly options: Schema
  readonly upgrades?: Readonly<Record<number, (options: Record<string, unknown>) => Record<string, unknown>>>
  readonly create: (options: z.output<Schema>) => Made
}

/** An entry whose option type is not known at this place. */
export type AnyEntry<Made = unknown> = Entry<string, z.ZodType, Made>

/** A choice of an entry as a configuration stores it. */
export interface Choice {
  readonly name: string
  readonly version?: number | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

/** Declares an entry; the identity function, for its types. */
export function entry<const Name extends string, Schema extends z.ZodType, Made>(
  declared: Omit<Entry<Name, Schema, Made>, 'version'> & { readonly version?: number },
): Entry<Name, Schema, Made> {
  return { version: 1, ...declared }
}

/** A family of entries, looked up by name. */
export interface Registry<Made> {
  readonly family: string
  /** All entries, sorted as their files are. */
  list(): readonly AnyEntry<Made>[]
  /** @throws AppError unknown-name, listing the known names. */
  get(name: string): AnyEntry<Made>
  /**
   * Upgrades and checks the options of a choice, and fills in defaults.
   * @param path where the choice stands in the configuration, for messages: `optimizer`.
   * @throws AppError unknown-name or invalid-config with details.issues: {path, message}[].
   */
  resolve(choice: Choice, path?: string): ResolvedChoice
  /** `resolve`, then the entry's `create`. */
  create(choice: Choice, path?: string): Made
}

/** A choice with its version and complete options. */
export interface ResolvedChoice {
  readonly name: string
  readonly version: number
  readonly options: Record<string, unknown>
}

/** Gathers entries into a family. @throws Error when two entries share a name. */
export function registry<Made>(family: string, entries: readonly unknown[]): Registry<Made> {
  const typed = entries as readonly AnyEntry<Made>[]
  const byName = new Map<string, AnyEntry<Made>>()
  for (const each of typed) {
    if (byName.has(each.name)) throw new Error(`Two ${family} entries are named '${each.name}'`)
    byName.set(each.name, each)
  }
  const get = (name: string, path = family): AnyEntry<Made> => {
    const found = byName.get(name)
    if (found) return found
    const known = [...byName.keys()]
    const message = `${path}: unknown ${family} '${name}'. Known: ${known.join(', ')}`
    throw new AppError('unknown-name', message, { field: path, value: name, known })
  }
  const resolve = (choice: Choice, path = family): ResolvedChoice => {
    const found = get(choice.name, path)
    const options = upgrade(found, choice, path)
    const parsed = found.options.safeParse(options)
    if (!parsed.success) throw invalidConfig(parsed.error, `${path}.options`)
    return { name: found.name, version: found.version, options: parsed.data as Record<string, unknown> }
  }
  return {
    family,
    list: () => typed,
    get,
    resolve,
    create: (choice, path = family) => get(choice.name, path).create(resolve(choice, path).options),
  }
}

/** Turns a zod error into `invalid-config`; every issue names its path, what was expected and what was found. */
export function invalidConfig(error: z.ZodError, prefix = ''): AppError {
  const issues = error.issues.map(issue => {
    const path = [prefix, ...issue.path.map(String)].filter(part => part !== '').join('.')
    return { path, message: issue.message }
  })
  const message = issues.map(issue => `${issue.path}: ${issue.message}`).join('; ')
  return new AppError('invalid-config', message, { issues, field: issues[0]?.path })
}

function upgrade(found: AnyEntry, choice: Choice, path: string): Record<string, unknown> {
  const from = choice.version ?? found.version
  if (from > found.version) {
    const message = `${path}: '${choice.name}' was stored by a newer version (${from}; this one knows ${found.version}). Update the workbench`
    throw new AppError('invalid-config', message, { field: path, value: from })
  }
  let options: Record<string, unknown> = { ...choice.options }
  for (let version = from; version < found.version; version++) {
    options = found.upgrades?.[version]?.(options) ?? options
  }
  return options
}
