/** Values inside a configuration by dotted path, such as `transforms.train.0.options.padding`. Never changes in place. */

export type Config = Record<string, unknown>

export function getAt(root: unknown, path: string): unknown {
  let found: unknown = root
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

/** A copy with one value changed; undefined takes it out. */
export function setAt<T>(root: T, path: string, value: unknown): T {
  const [key = '', ...rest] = path.split('.')
  const copy = (Array.isArray(root) ? [...(root as unknown[])] : { ...(root as object) }) as Record<
    string,
    unknown
  >
  if (rest.length > 0) copy[key] = setAt(copy[key] ?? {}, rest.join('.'), value)
  else if (value === undefined) delete copy[key]
  else copy[key] = value
  return copy as T
}

/** Whether two values of a configuration say the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || stable(a) === stable(b)
}

/** Every path at which two configurations differ, with both values; sections are looked into, lists are not. */
export function differences(
  from: unknown,
  to: unknown,
  prefix = '',
): { path: string; from: unknown; to: unknown }[] {
  if (isSame(from, to)) return []
  if (!isSection(from) || !isSection(to)) return [{ path: prefix, from, to }]
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  return keys.flatMap(key => differences(from[key], to[key], prefix === '' ? key : `${prefix}.${key}`))
}

function isSection(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (!isSection(value)) return JSON.stringify(value) ?? 'undefined'
  const keys = Object.keys(value).filter(key => value[key] !== undefined)
  return `{${keys
    .sort()
    .map(key => `${key}:${stable(value[key])}`)
    .join(',')}}`
}
