/** Looks into a schema: which fields an object has, what stands at a path, and how to say what a field takes. */
import { z } from 'zod'

/** The schema inside defaults, optionals and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner: unknown = schema
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodReadonly
  ) {
    inner = inner.unwrap()
  }
  return inner as z.ZodType
}

/** Title, description, unit and family of a schema, whether they were given before or after its default. */
export function metaOf(schema: z.ZodType): {
  readonly title?: string
  readonly description?: string
  readonly unit?: string
  readonly family?: string
} {
  return { ...unwrap(schema).meta(), ...schema.meta() } as ReturnType<typeof metaOf>
}

/** Names of the fields of an object schema; null when the schema is no object with fixed fields. */
export function fieldNames(schema: z.ZodType): readonly string[] | null {
  const inner = unwrap(schema)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : null
}

/** The schema of one field or array element, or null when there is none of that name. */
export function fieldAt(schema: z.ZodType, key: string): z.ZodType | null {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodObject) return ownField(inner.shape, key)
  if (inner instanceof z.ZodArray && /^\d+$/.test(key)) return inner.element as z.ZodType
  return null
}

/** The schema at a path, or null. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | null {
  let found: z.ZodType | null = schema
  for (const key of path) {
    if (found === null) return null
    found = fieldAt(found, String(key))
  }
  return found
}

/** What a field takes, in words: `a whole number from 1 to 4096 (images)`. Empty when the schema says nothing simple. */
export function describeExpected(schema: z.ZodType): string {
  const { unit, family } = metaOf(schema)
  if (family !== undefined) return `the name of a ${family}, or {name, options}`
  const described = z.toJSONSchema(unwrap(schema), { unrepresentable: 'any', io: 'input' })
  const words = typeWords(described)
  return words !== '' && unit !== undefined && unit !== '' ? `${words} (${unit})` : words
}

/** A value as an error message shows it, cut to a readable length. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `'${cut(value)}'`
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `a list ${cut(JSON.stringify(value))}`
  if (typeof value === 'object' && value !== null) return `a section with ${Object.keys(value).length} fields`
  return String(value)
}

function ownField(shape: Readonly<Record<string, unknown>>, key: string): z.ZodType | null {
  return Object.hasOwn(shape, key) ? (shape[key] as z.ZodType) : null
}

function typeWords(described: z.core.JSONSchema.BaseSchema): string {
  if (described.enum) return `one of ${described.enum.map(String).join(', ')}`
  if (described.const !== undefined) return String(described.const)
  if (described.anyOf)
    return described.anyOf.map(each => typeWords(each as z.core.JSONSchema.BaseSchema)).join(' or ')
  if (described.type === 'integer' || described.type === 'number') {
    return `${described.type === 'integer' ? 'a whole number' : 'a number'}${rangeWords(described)}`
  }
  if (described.type === 'boolean') return 'true or false'
  if (described.type === 'string') return 'a text'
  if (described.type === 'array') return 'a list'
  if (described.type === 'object') return 'a section with fields'
  return ''
}

function rangeWords(described: z.core.JSONSchema.BaseSchema): string {
  const low = bound(described.minimum, described.exclusiveMinimum)
  const high = bound(described.maximum, described.exclusiveMaximum)
  if (low === null && high === null) return ''
  if (low !== null && high !== null && !low.isOpen && !high.isOpen)
    return ` from ${low.value} to ${high.value}`
  const lowWords = low === null ? '' : low.isOpen ? ` above ${low.value}` : ` of at least ${low.value}`
  const highWords = high === null ? '' : high.isOpen ? ` below ${high.value}` : ` of at most ${high.value}`
  return lowWords !== '' && highWords !== '' ? `${lowWords} and${highWords}` : lowWords + highWords
}

/** An edge of the safe integers is no range that anyone asked for. */
function bound(
  closed: number | undefined,
  open: number | boolean | undefined,
): { readonly value: number; readonly isOpen: boolean } | null {
  if (typeof open === 'number') return { value: open, isOpen: true }
  if (closed === undefined || Math.abs(closed) === Number.MAX_SAFE_INTEGER) return null
  return { value: closed, isOpen: false }
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
