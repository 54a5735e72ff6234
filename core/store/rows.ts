/** Reading JSON columns, and updating the named columns of a row. */
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'

/** The value of a JSON column. @throws AppError store-damaged when it does not parse. */
export function json<T>(text: unknown, where: string): T {
  try {
    return JSON.parse(String(text)) as T
  } catch (thrown) {
    throw new AppError('store-damaged', `${where}: a stored value is not JSON`, { field: where }, thrown)
  }
}

/** `imagesPerSecond` → `images_per_second` */
export function column(field: string): string {
  return field.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

/** Values as SQLite takes them: booleans as 0 and 1, objects as JSON, and no NaN, which the driver would make NULL anyway. */
export function cell(value: unknown): number | string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * Makes `update(key, changes)` for a table: only fields of the list are written, undefined ones are left as they are.
 * Statements are kept, one for each set of fields that occurs.
 */
export function updater(database: Database, table: string, key: string, fields: readonly string[]) {
  const statements = new Map<string, ReturnType<Database['prepare']>>()
  return (keyValue: string | number, changes: Readonly<Record<string, unknown>>): void => {
    const named = fields.filter(field => changes[field] !== undefined)
    if (named.length === 0) return
    const sets = named.map(field => `${column(field)} = ?`).join(', ')
    const statement = statements.get(sets) ?? database.prepare(`UPDATE ${table} SET ${sets} WHERE ${key} = ?`)
    statements.set(sets, statement)
    statement.run(...named.map(field => cell(changes[field])), keyValue)
  }
}
