/** Turns what a schema finds wrong into messages that say what was expected, what was found and what was probably meant. */
import type { z } from 'zod'
import { describeExpected, fieldNames, schemaAt, showValue } from './fields.ts'
import { suggestion } from './nearest.ts'

/** One thing wrong with a configuration. `path` uses the dotted names of YAML and `--set`. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/**
 * @param error what zod found.
 * @param schema the schema that found it.
 * @param input the value it was given.
 * @param prefix where the value stands in the configuration: `optimizer.options`.
 */
export function issuesOf(error: z.ZodError, schema: z.ZodType, input: unknown, prefix = ''): Issue[] {
  return error.issues.flatMap(issue => {
    const path = joinPath(prefix, issue.path)
    const field = schemaAt(schema, issue.path)
    if (issue.code === 'unrecognized_keys') {
      const known = (field && fieldNames(field)) ?? []
      return issue.keys.map(key => ({
        path: joinPath(path, [key]),
        message: `unknown name.${suggestion(key, known)}`,
      }))
    }
    const got = valueAt(input, issue.path)
    return [{ path, message: messageOf(issue, field, got) }]
  })
}

/** Dotted path of a field below a prefix. */
export function joinPath(prefix: string, keys: readonly PropertyKey[]): string {
  return [prefix, ...keys.map(String)].filter(part => part !== '').join('.')
}

function messageOf(issue: z.core.$ZodIssue, field: z.ZodType | null, got: unknown): string {
  if (issue.code === 'custom') return issue.message
  const expected = field === null ? '' : describeExpected(field)
  if (got === undefined) return expected === '' ? 'is missing' : `is missing: expected ${expected}`
  if (Array.isArray(got) && (issue.code === 'too_small' || issue.code === 'too_big')) {
    return `${lengthWords(issue)}, got ${got.length}`
  }
  return expected === '' ? issue.message : `expected ${expected}, got ${showValue(got)}`
}

function lengthWords(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  return issue.code === 'too_small'
    ? `expected at least ${issue.minimum} values`
    : `expected at most ${issue.maximum} values`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
