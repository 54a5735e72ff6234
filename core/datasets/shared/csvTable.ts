/** Lists of images in CSV files: which columns there are, and the files that their paths mean. */
import { join } from 'node:path'
import { parseCsv, type CsvRow } from './csv.ts'
import type { ByteString } from './fileName.ts'
import { invalidFile } from './invalidFile.ts'
import { readWholeFile } from './pixels.ts'

/** Names that a header may give to each column; lower case. */
export type ColumnNames = Readonly<Record<string, readonly string[]>>

/** One line of a list, by column; columns that are not there are empty. */
export interface ListRow {
  readonly file: string
  readonly line: number
  readonly values: Readonly<Record<string, string>>
}

export const pathNames = [
  'path',
  'file',
  'filename',
  'file_name',
  'filepath',
  'image',
  'image_path',
  'img',
  'image_id',
]

/**
 * Reads a list.
 * @param name of the file, below the root
 * @param columns in the order that a file without a header has them; the first `needed` must be there
 * @throws AppError data-invalid naming file, line and value; data-unreadable
 */
export async function readList(
  root: string,
  name: string,
  columns: ColumnNames,
  needed: number,
): Promise<ListRow[]> {
  const path = join(root, name)
  const bytes = await readWholeFile(path)
  const rows = parseCsv(path, decode(path, bytes))
  const [first] = rows
  if (!first) throw invalidFile(path, 'it is empty', `Write lines of ${Object.keys(columns).join(',')}`)
  const header = headerOf(path, first, columns, needed)
  const places = header ?? Object.fromEntries(Object.keys(columns).map((column, at) => [column, at]))
  return rows.slice(header ? 1 : 0).map(({ line, fields }) => {
    const values: Record<string, string> = {}
    for (const [at, column] of Object.keys(columns).entries()) {
      const value = fields[places[column] ?? -1] ?? ''
      if (at < needed && value === '') {
        const shown = fields.join(',').slice(0, 80)
        throw invalidFile(path, `line ${line}: no ${column} in '${shown}'`, 'Correct or remove the line')
      }
      values[column] = value
    }
    return { file: name, line, values }
  })
}

/** Folder and name of a path as bytes. @throws AppError data-invalid for one that leads out of the data set */
export function filePlace(root: string, row: ListRow, path: string): { folder: Buffer; name: ByteString } {
  const slashed = path.replaceAll('\\', '/')
  const below = root.endsWith('/') ? root : `${root}/`
  const relative = slashed.startsWith(below) ? slashed.slice(below.length) : slashed
  const parts = relative.split('/').filter(part => part !== '' && part !== '.')
  const isOutside = relative.startsWith('/') || /^[a-z]:\//i.test(relative) || parts.includes('..')
  if (isOutside || parts.length === 0 || path.includes('\0')) throw outside(root, row, path)
  const name = Buffer.from(parts.at(-1) as string).toString('latin1')
  return { folder: Buffer.from(parts.slice(0, -1).join('/')), name }
}

function outside(root: string, { file, line }: ListRow, path: string): ReturnType<typeof invalidFile> {
  const problem = `line ${line}: '${path}' is not below ${root}`
  return invalidFile(join(root, file), problem, 'Write paths relative to the folder of the data set')
}

/** Where each column is; null for a file without a header. */
function headerOf(
  path: string,
  { fields, line }: CsvRow,
  columns: ColumnNames,
  needed: number,
): Record<string, number> | null {
  const lower = fields.map(field => field.toLowerCase())
  const places: Record<string, number> = {}
  for (const [column, names] of Object.entries(columns)) {
    const at = lower.findIndex(field => names.includes(field))
    if (at >= 0) places[column] = at
  }
  const found = Object.keys(places)
  if (found.length === 0) return null
  const missing = Object.keys(columns)
    .slice(0, needed)
    .find(column => !found.includes(column))
  if (missing === undefined) return places
  // One word that happens to be a column's name is no header.
  if (found.length === 1 && looksLikeFile(fields[0] ?? '')) return null
  throw invalidFile(
    path,
    `line ${line}: no column '${missing}' in the header '${fields.join(',').slice(0, 80)}'`,
    `Call it ${columns[missing]?.slice(0, 3).join(', ')}`,
  )
}

function looksLikeFile(text: string): boolean {
  return /\.(jpe?g|png|webp|gif)$/i.test(text)
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalidFile(path, 'it is not UTF-8 text', 'Save it as UTF-8')
  }
}
