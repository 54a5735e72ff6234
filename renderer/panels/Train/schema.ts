/** Form fields from a JSON Schema, as zod writes it. */
import { t } from '../../language/index.ts'

export type FieldKind =
  | 'number'
  | 'integer'
  | 'boolean'
  | 'enum'
  | 'text'
  | 'numbers'
  | 'texts'
  | 'mixed'
  | 'choice'
  | 'choices'
  | 'section'
  | 'rows'
  | 'json'

export interface Field {
  readonly path: string
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly kind: FieldKind
  /** What may be chosen, of an `enum`. */
  readonly values: readonly (string | number | boolean | null)[]
  readonly min: number | null
  readonly max: number | null
  readonly isMinOpen: boolean
  readonly isMaxOpen: boolean
  readonly fallback: unknown
  readonly isOptional: boolean
  /** Left empty it is null. */
  readonly isNullable: boolean
  /** Of a `choice` or `choices`: the registry it chooses from. */
  readonly family: string
  /** Of a `section`; of `rows`, those of each row, with paths that begin at the row. */
  readonly fields: readonly Field[]
  /** Its value counts only while a field beside it has none of these values. */
  readonly when: { readonly field: string; readonly not: readonly unknown[] } | null
}

export type JsonSchema = Readonly<Record<string, unknown>>

/** The fields of an object schema, in its order. @param prefix the path of the object, empty at the top. */
export function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : []
  return Object.entries(record(schema['properties'])).map(([key, child]) =>
    fieldOf(record(child), prefix === '' ? key : `${prefix}.${key}`, key, !required.includes(key)),
  )
}

/** The range of a field in words: `1 to 4096`, `above 0`; empty when it has none. */
export function rangeText(field: Field): string {
  const { min, max, isMinOpen, isMaxOpen } = field
  if (min !== null && max !== null && !isMinOpen && !isMaxOpen)
    return t('{min} to {max}', { min: plainNumber(min), max: plainNumber(max) })
  const low =
    min === null
      ? ''
      : openText(isMinOpen, t('above {number}', number(min)), t('at least {number}', number(min)))
  const high =
    max === null
      ? ''
      : openText(isMaxOpen, t('below {number}', number(max)), t('at most {number}', number(max)))
  return [low, high].filter(part => part !== '').join(t(', '))
}

/** What is wrong with a value, before the host is asked; empty when nothing is. */
export function localIssue(field: Field, value: unknown): string {
  if (value === undefined || value === null)
    return field.isOptional || field.fallback !== undefined ? '' : t('Enter a value.')
  if (field.kind === 'numbers') {
    const isList =
      Array.isArray(value) && value.every(each => typeof each === 'number' && Number.isFinite(each))
    return isList ? '' : t('Enter numbers separated by commas, such as 0.5, 0.5.')
  }
  if (field.kind !== 'number' && field.kind !== 'integer') return ''
  const range = rangeText(field)
  const kind = field.kind === 'integer' ? t('a whole number') : t('a number')
  const expected = range === '' ? kind : t('{kind}, {range}', { kind, range })
  if (typeof value !== 'number' || !Number.isFinite(value)) return t('Enter {expected}.', { expected })
  const isBelow = field.min !== null && (field.isMinOpen ? value <= field.min : value < field.min)
  const isAbove = field.max !== null && (field.isMaxOpen ? value >= field.max : value > field.max)
  const isBroken = field.kind === 'integer' && !Number.isInteger(value)
  if (!isBelow && !isAbove && !isBroken) return ''
  return t('Enter {expected}; this is {value}.', { expected, value: plainNumber(value) })
}

/** What was typed as the value of a field; text that is no number stays text, and is an issue. */
export function parseTyped(field: Field, text: string): unknown {
  const trimmed = text.trim()
  if (field.kind === 'numbers') {
    const parts = trimmed === '' ? [] : trimmed.split(/[\s,;]+/).filter(part => part !== '')
    return parts.map(part => toNumber(part))
  }
  if (field.kind === 'texts')
    return trimmed
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '')
  if (trimmed === '' && field.isNullable) return null
  if (trimmed === '' && field.isOptional && field.fallback === undefined) return undefined
  if (field.kind === 'number' || field.kind === 'integer' || field.kind === 'mixed') return toNumber(trimmed)
  if (field.kind === 'json') return parseJson(trimmed)
  return text
}

/** A value as it stands in a text field. */
export function showTyped(field: Field, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value) && (field.kind === 'numbers' || field.kind === 'texts'))
    return value.map(String).join(', ')
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

function fieldOf(written: JsonSchema, path: string, key: string, isOptional: boolean): Field {
  const { schema, isNullable } = withoutNull(written)
  const described = { ...schema, ...written }
  const family = text(schema['family'] ?? record(schema['items'])['family'])
  const low = bound(schema['minimum'], schema['exclusiveMinimum'])
  const high = bound(schema['maximum'], schema['exclusiveMaximum'])
  const kind = kindOf(schema, family)
  return {
    path,
    title: text(described['title']) || spaced(key),
    description: text(described['description']),
    unit: text(described['unit']),
    kind,
    values: kind === 'enum' ? valuesOf(schema) : [],
    min: low.value,
    max: high.value,
    isMinOpen: low.isOpen,
    isMaxOpen: high.isOpen,
    fallback: described['default'],
    isOptional: isOptional || isNullable,
    isNullable,
    family,
    fields:
      kind === 'section' ? fieldsOf(schema, path) : kind === 'rows' ? fieldsOf(record(schema['items'])) : [],
    when: conditionOf(described['when']),
  }
}

function conditionOf(value: unknown): Field['when'] {
  const { field, not } = record(value)
  return typeof field === 'string' ? { field, not: list(not) } : null
}

function kindOf(schema: JsonSchema, family: string): FieldKind {
  const type = schema['type']
  if (family !== '') return type === 'array' ? 'choices' : 'choice'
  if (valuesOf(schema).length > 0) return 'enum'
  if (type === 'integer' || type === 'number' || type === 'boolean') return type
  if (type === 'string') return 'text'
  if (type === 'object') return schema['properties'] ? 'section' : 'json'
  if (type === 'array') {
    const items = [record(schema['items']), ...list(schema['prefixItems']).map(record)]
    if (items.some(item => item['type'] === 'number' || item['type'] === 'integer')) return 'numbers'
    if (items.some(item => item['properties'])) return 'rows'
    return items.length > 0 && items.every(item => item['type'] === 'string') ? 'texts' : 'json'
  }
  return Array.isArray(schema['anyOf']) ? 'mixed' : 'json'
}

function valuesOf(schema: JsonSchema): (string | number | boolean | null)[] {
  if (Array.isArray(schema['enum'])) return schema['enum'] as string[]
  const consts = list(schema['anyOf']).map(each => record(each)['const'])
  return consts.length > 0 && consts.every(each => each !== undefined) ? (consts as string[]) : []
}

/** `anyOf: [X, null]`, or a type that may be null, is X that may be left empty. */
function withoutNull(schema: JsonSchema): { schema: JsonSchema; isNullable: boolean } {
  const types = list(schema['type'])
  if (types.length === 2 && types.includes('null')) {
    return { schema: { ...schema, type: types.find(each => each !== 'null') }, isNullable: true }
  }
  const choices = list(schema['anyOf']).map(record)
  const others = choices.filter(each => each['type'] !== 'null')
  const only = others[0]
  if (choices.length === others.length || others.length !== 1 || !only) return { schema, isNullable: false }
  return { schema: { ...only }, isNullable: true }
}

function bound(closed: unknown, open: unknown): { value: number | null; isOpen: boolean } {
  if (typeof open === 'number') return { value: open, isOpen: true }
  // The edges of the exact integers are no limits that anyone set.
  if (typeof closed !== 'number' || Math.abs(closed) >= Number.MAX_SAFE_INTEGER)
    return { value: null, isOpen: false }
  return { value: closed, isOpen: false }
}

function toNumber(part: string): number | string {
  return part !== '' && Number.isFinite(Number(part)) ? Number(part) : part
}

function parseJson(typed: string): unknown {
  try {
    return JSON.parse(typed)
  } catch {
    return typed
  }
}

/** `weightDecay` → `Weight decay`. */
function spaced(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function number(value: number): { number: string } {
  return { number: plainNumber(value) }
}
function openText(isOpen: boolean, open: string, closed: string): string {
  return isOpen ? open : closed
}

function plainNumber(number: number): string {
  if (Math.abs(number) >= 1e13 || (number !== 0 && Math.abs(number) < 1e-4)) return number.toExponential()
  return number.toLocaleString('en-US', { maximumFractionDigits: 10 })
}

function record(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {}
}
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
