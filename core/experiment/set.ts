/** Single changes to a configuration: `--set training.epochs=2`. */
import { z } from 'zod'
import { AppError } from '../errors/index.ts'
import { entryNames, families } from './families.ts'
import { fieldAt, fieldNames, metaOf, unwrap } from './fields.ts'
import { suggestion } from './nearest.ts'
import { RunConfigInput, type ChoiceFamily } from './schema.ts'
import { parseYaml } from './yaml.ts'

type Section = Record<string, unknown>

/**
 * A copy of a configuration with one field changed. The value is read as YAML: `0.1`, `true`, `[0.5, 0.5, 0.5]`.
 *
 * `schedule.name=step`, or `schedule=step`, takes another entry with its own defaults. Options may be named directly:
 * `schedule.learningRate=0.1` is `schedule.options.learningRate=0.1`.
 * @throws AppError invalid-config when there is no such field, listing those there are. The value is judged by `parseConfig`.
 */
export function applySet(
  config: Readonly<Record<string, unknown>>,
  assignment: string,
): Record<string, unknown> {
  const equals = assignment.indexOf('=')
  if (equals < 1 || assignment.slice(equals + 1).trim() === '') {
    throw unknownField(assignment, `--set ${assignment}: expected name=value, such as training.epochs=2`)
  }
  const path = assignment.slice(0, equals).trim()
  const value = parseYaml(assignment.slice(equals + 1), `--set ${path}`)
  const copy = structuredClone(config) as Section
  assign(copy, path.split('.'), value, RunConfigInput, '')
  return copy
}

function assign(
  target: unknown,
  keys: readonly string[],
  value: unknown,
  schema: z.ZodType,
  at: string,
): void {
  const { family } = metaOf(schema)
  if (family !== undefined) return assignInChoice(target as Section, keys, value, family as ChoiceFamily, at)
  const [key = '', ...rest] = keys
  const field = fieldAt(schema, key)
  const here = at === '' ? key : `${at}.${key}`
  if (field === null) throw unknownAt(schema, key, here)
  if (Array.isArray(target) && Number(key) >= target.length) {
    throw unknownField(here, `${here}: there is no element ${key}; the list has ${target.length}`)
  }
  const section = target as Section
  const isChoice = metaOf(field).family !== undefined
  if (rest.length === 0) section[key] = isChoice && typeof value === 'string' ? { name: value } : value
  else {
    if (typeof section[key] === 'string' && isChoice) section[key] = { name: section[key] }
    section[key] ??= defaultOf(field)
    if (typeof section[key] !== 'object') throw unknownField(here, `${here}: has no fields of its own`)
    assign(section[key], rest, value, field, here)
  }
}

function assignInChoice(
  target: Section,
  keys: readonly string[],
  value: unknown,
  family: ChoiceFamily,
  at: string,
): void {
  const [key = '', ...rest] = keys
  if (key === 'name') {
    if (target['name'] !== value) for (const old of Object.keys(target)) delete target[old]
    target['name'] = value
    return
  }
  if (key === 'version') return void (target['version'] = value)
  const entry = families[family].list().find(each => each.name === target['name'])
  if (!entry) {
    const name = String(target['name'])
    throw unknownField(at, `${at}.name: unknown ${family} '${name}'.${suggestion(name, entryNames(family))}`)
  }
  if (key === 'options' && rest.length === 0) return void (target['options'] = value)
  target['options'] ??= {}
  const within = key === 'options' ? rest : keys
  assign(target['options'], within, value, entry.options, `${at}.options`)
}

function unknownAt(schema: z.ZodType, key: string, here: string): AppError {
  const known = fieldNames(schema)
  const message = known === null ? 'has no fields of its own' : `unknown name.${suggestion(key, known)}`
  return unknownField(here, `${here}: ${message}`)
}

function unknownField(path: string, message: string): AppError {
  return new AppError('invalid-config', message, { field: path, issues: [{ path, message }] })
}

/** What a field is when a configuration leaves it out, so that a part of it can be changed. */
function defaultOf(field: z.ZodType): unknown {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault)
    return structuredClone(field.def.defaultValue)
  return unwrap(field) instanceof z.ZodArray ? [] : {}
}
