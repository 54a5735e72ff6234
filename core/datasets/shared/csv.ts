/**
 * Tables as text: fields between commas, semicolons or tabs, quoted where they hold one of those, a quote or a line break.
 * @source RFC 4180
 */
import { invalidFile } from './invalidFile.ts'

export interface CsvRow {
  /** Of its first character, counted from 1. */
  readonly line: number
  readonly fields: readonly string[]
}

/** Longest field: more is a quote that never ends. */
const longestField = 65_536
const separators = [',', ';', '\t'] as const

/**
 * Rows of a table; empty lines are left out, and blanks around fields.
 * @param file named in errors
 * @throws AppError data-invalid naming file and line
 */
export function parseCsv(file: string, text: string): CsvRow[] {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text
  const separator = separatorOf(body)
  const rows: CsvRow[] = []
  let line = 1
  for (let at = 0; at < body.length;) {
    const first = line
    const fields: string[] = []
    for (;;) {
      const field = readField(file, body, at, separator, line)
      fields.push(field.value)
      at = field.next
      line = field.line
      if (body[at] !== separator) break
      at++
    }
    if (body[at] === '\r') at++
    if (body[at] === '\n') at++
    line++
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: first, fields })
  }
  return rows
}

interface ReadField {
  readonly value: string
  readonly next: number
  readonly line: number
}

function readField(file: string, text: string, from: number, separator: string, line: number): ReadField {
  let at = from
  while (text[at] === ' ') at++
  if (text[at] === '"') return readQuoted(file, text, at + 1, separator, line)
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++
  return { value: text.slice(from, at).trim(), next: at, line }
}

function readQuoted(file: string, text: string, from: number, separator: string, line: number): ReadField {
  let now = line
  for (let at = from; at < text.length && at - from <= longestField; at++) {
    if (text[at] === '\n') now++
    if (text[at] !== '"') continue
    if (text[at + 1] === '"') {
      at++ // a quote within quotes
      continue
    }
    let next = at + 1
    while (text[next] === ' ') next++
    const end = text[next]
    if (end !== undefined && end !== separator && end !== '\n' && end !== '\r')
      throw invalidFile(
        file,
        `line ${now}: expected '${separator}' after a closing quote, found '${end}'`,
        twice,
      )
    return { value: text.slice(from, at).replaceAll('""', '"'), next, line: now }
  }
  throw invalidFile(file, `line ${line}: a quote that is never closed`, twice)
}

const twice = 'Write a quote within quotes twice'

/** The separator of the first line: of those in it the most frequent. */
function separatorOf(text: string): string {
  const first = text.slice(0, 4096).split('\n', 1)[0] ?? ''
  const counts = separators.map(each => first.split(each).length)
  return separators[counts.indexOf(Math.max(...counts))] as string
}
