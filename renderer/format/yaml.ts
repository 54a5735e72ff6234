/** A configuration as YAML text, to be read and copied. */

export function toYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return listText(value, indent)
  if (typeof value === 'object' && value !== null)
    return sectionText(value as Record<string, unknown>, indent)
  return `${scalar(value)}\n`
}

function sectionText(section: Record<string, unknown>, indent: string): string {
  const entries = Object.entries(section).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return '{}\n'
  return entries.map(([key, value]) => `${indent}${scalar(key)}:${nested(value, `${indent}  `)}`).join('')
}

function listText(list: readonly unknown[], indent: string): string {
  if (list.length === 0) return '[]\n'
  if (list.every(each => typeof each !== 'object' || each === null))
    return `[${list.map(scalar).join(', ')}]\n`
  return list.map(each => `${indent}- ${toYaml(each, `${indent}  `).trimStart()}`).join('')
}

function nested(value: unknown, indent: string): string {
  const text = toYaml(value, indent)
  return text.startsWith(indent) ? `\n${text}` : ` ${text}`
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'null' : JSON.stringify(value)
  const isPlain = /^[A-Za-z][\w-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}
