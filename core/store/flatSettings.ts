/** A configuration as values by dotted path. Migration 0006 does the same in SQL. */

/** Lists of plain values are one value, written as JSON; true and false are words; what is null is left out. */
export function flatSettings(config: unknown, prefix = ''): [string, string | number][] {
  if (config === null || config === undefined) return []
  if (typeof config === 'number') return [[prefix, config]]
  if (typeof config !== 'object') return [[prefix, String(config)]]
  const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null
  if (Array.isArray(config) && config.every(isPlain)) return [[prefix, JSON.stringify(config)]]
  return Object.entries(config).flatMap(([key, value]) =>
    flatSettings(value, prefix === '' ? key : `${prefix}.${key}`),
  )
}
