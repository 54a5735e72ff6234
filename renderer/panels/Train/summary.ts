/** A part of the configuration in one line. */
export function summaryOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(summaryOf).join(', ')
  if (typeof value !== 'object' || value === null) return String(value ?? '')
  const { name, options } = value as { name?: unknown; options?: unknown }
  if (typeof name === 'string') {
    const inner = typeof options === 'object' && options !== null ? summaryOf(options) : ''
    return inner === '' ? name : `${name} (${inner})`
  }
  return Object.entries(value)
    .filter(([, each]) => each !== 'by-level')
    .map(([key, each]) => [key, summaryOf(each)] as const)
    .filter(([, words]) => words !== '')
    .map(([key, words]) => `${key} ${words}`)
    .join(' · ')
}
