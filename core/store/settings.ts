/** Named values: the user's settings, and what the host must remember. */
import type { Database } from './engine.ts'

export interface SettingStore {
  /** The stored value; undefined when there is none. */
  get(name: string): unknown
  set(name: string, value: unknown): void
  /** Adds one to a counter and returns it; the first value is 1. */
  count(name: string): number
}

export function settingStore(database: Database): SettingStore {
  const get = database.prepare('SELECT value FROM settings WHERE name = ?').pluck()
  const set = database.prepare(
    'INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  const read = (name: string): unknown => {
    const text = get.get(name) as string | undefined
    return text === undefined ? undefined : JSON.parse(text)
  }
  return {
    get: read,
    set: (name, value) => void set.run(name, JSON.stringify(value)),
    count(name) {
      const next = Number(read(name) ?? 0) + 1
      set.run(name, JSON.stringify(next))
      return next
    },
  }
}
