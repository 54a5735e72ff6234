/**
 * Patterns of parameter names, as freezing, rate groups and partial loading take them. A pattern matches a whole name, `conv1.weight`,
 * or the first parts of one, `conv1` or `layer1.0`; `*` stands for anything, dots included: `layer*.bn1`, `*.bias`.
 */

export function matchesPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}(\\..*)?$`).test(name)
}

/** Names that any pattern matches, and patterns that match none. */
export function matchedBy(
  patterns: readonly string[],
  names: readonly string[],
): { readonly matched: ReadonlySet<string>; readonly unmatched: readonly string[] } {
  const found = patterns.map(pattern => names.filter(name => matchesPattern(name, pattern)))
  return {
    matched: new Set(found.flat()),
    unmatched: patterns.filter((_, at) => found[at]!.length === 0),
  }
}
