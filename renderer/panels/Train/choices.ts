/** Options of a registry entry that has just been chosen. */
import type { EntryInfo } from '../../../core/contract/index.ts'
import { fieldsOf } from './schema.ts'

/** The defaults of an entry, with what the one before it called by the same name: a learning rate stays as it was set. */
export function carriedOptions(entry: EntryInfo, before: unknown): Record<string, unknown> {
  const old = (typeof before === 'object' && before !== null ? before : {}) as Record<string, unknown>
  const options: Record<string, unknown> = {}
  for (const field of fieldsOf(entry.options)) {
    const kept = old[field.path]
    const isKept = kept !== undefined && typeof kept === typeof field.fallback && field.kind !== 'enum'
    const value = isKept ? kept : field.fallback
    if (value !== undefined) options[field.path] = structuredClone(value)
  }
  return options
}
