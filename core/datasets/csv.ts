/** Images listed in CSV files with their classes: one file a split, or one file with a column that says the split. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { shownSize } from './shared/checkFiles.ts'
import { pathNames, readList, type ColumnNames, type ListRow } from './shared/csvTable.ts'
import { packFiles, type LabelledFile } from './shared/fileList.ts'
import { joinPath } from './shared/fileName.ts'
import { packIndex, unpackIndex } from './shared/indexFile.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { listedPictures, type ListedPicture } from './shared/listedPictures.ts'
import { missingClasses } from './shared/missingClasses.ts'
import { openFileSplits } from './shared/openFileSplits.ts'
import { countClasses, listFolder } from './shared/pixels.ts'
import type { Reader, Scan, ScanWatcher, SplitName } from './shared/reader.ts'
import { beginWalk, type Walk } from './shared/walk.ts'

export const csv = entry({
  name: 'csv',
  title: 'Images listed in CSV files',
  summary: 'train.csv, val.csv, test.csv with lines of path,label; or one CSV with path,label,split.',
  source: 'RFC 4180; the lists of many published data sets, such as fastai and Kaggle have them',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open }),
})

interface Header {
  readonly classes: readonly string[]
  readonly splits: readonly SplitName[]
}

interface List {
  readonly name: string
  /** Null where a column says it. */
  readonly split: SplitName | null
}

const splitNames = ['train', 'val', 'test'] as const
const splitOf: Readonly<Record<string, SplitName>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}
const columns: ColumnNames = {
  path: pathNames,
  label: ['label', 'labels', 'class', 'class_name', 'category', 'target'],
  split: ['split', 'set', 'subset', 'fold', 'data set', 'dataset'],
}
const retrievalLists = ['queries.csv', 'gallery.csv']
const shown = 5

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const lists = listsAmong(await listFolder(path))
  const [first] = lists
  if (!first) return { score: 0, reason: 'no CSV file' }
  const reason = `found ${lists.map(({ name }) => name).join(', ')}`
  const rows = await readList(path, first.name, columns, 2).catch(() => null)
  // A list with a mistake in it is a list: the scan says where the mistake is.
  if (rows === null) return { score: first.split || (await hasHeader(path, first.name)) ? 0.85 : 0.1, reason }
  const [row] = rows
  if (!row) return { score: first.split ? 0.55 : 0.1, reason }
  const walk = beginWalk(path, { progress: () => {}, throwIfCancelled: () => {} })
  const found = await listedPictures(walk, [row], pathOf).catch(() => [])
  return { score: found.length > 0 ? 0.85 : first.split ? 0.55 : 0.2, reason }
}

/** Whether the first line names a column of paths and one of classes. */
async function hasHeader(path: string, name: string): Promise<boolean> {
  const text = await readFile(join(path, name), 'utf8').catch(() => '')
  const [line = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)
  const names = line.split(',').map(each => each.trim().replace(/^"|"$/g, '').toLowerCase())
  return [columns['path']!, columns['label']!].every(known => names.some(each => known.includes(each)))
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const lists = listsAmong(await listFolder(path))
  if (lists.length === 0)
    throw invalidFile(
      path,
      'expected train.csv or another CSV file, found none',
      'Choose the folder that holds it',
    )
  const walk = beginWalk(path, watcher)
  const bySplit = new Map<SplitName, ListRow[]>()
  for (const { name, split } of lists) {
    for (const row of await readList(path, name, columns, 2)) {
      const of = split ?? splitIn(path, row)
      const rows = bySplit.get(of) ?? []
      rows.push(row)
      bySplit.set(of, rows)
    }
  }
  const pictures = new Map<SplitName, ListedPicture[]>()
  for (const name of splitNames) {
    const rows = bySplit.get(name)
    if (!rows) continue
    const found = await listedPictures(walk, rows, pathOf)
    if (found.length > 0) pictures.set(name, withoutRepeats(walk, found))
    else walk.problems.add(rows[0]?.file ?? '', `no image of ${name} can be used; the split is left out`)
  }
  const classes = classesOf(path, pictures, walk)
  tellShared(walk, pictures)
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const splits = [...pictures].map(([name, found]) => ({ name, files: labelled(path, found, labelOf) }))
  const counted = splits.map(({ name, files }) => ({
    name,
    count: files.length,
    classCounts: countClasses(
      Int32Array.from(files, ({ label }) => label),
      classes.length,
    ),
  }))
  const header: Header = { classes, splits: splits.map(({ name }) => name) }
  const blocks = Object.assign({}, ...splits.map(({ name, files }) => packFiles(name, files)))
  return {
    classes,
    splits: counted,
    imageSize: await shownSize(walk, splits[0]?.files[0]),
    problems: [...walk.problems.list(), ...missingClasses(classes, counted)],
    index: packIndex('csv', header, blocks),
  }
}

async function open(...[path, bytes]: Parameters<Reader['open']>): ReturnType<Reader['open']> {
  const index = unpackIndex<Header>('csv', bytes)
  const { classes, splits } = index.header
  return { classes, splits: openFileSplits(path, splits, index), close: async () => {} }
}

/** Lists of splits where there are any, else the only CSV file. */
function listsAmong(names: readonly string[]): List[] {
  const files = names
    .filter(name => /\.csv$/i.test(name) && !retrievalLists.includes(name.toLowerCase()))
    .sort()
  const named = files.flatMap(name => {
    const split = splitOf[name.toLowerCase().replace(/\.csv$/, '')]
    return split ? [{ name, split }] : []
  })
  if (named.length > 0) return named
  return files.length === 1 ? [{ name: files[0] as string, split: null }] : []
}

function pathOf({ values }: ListRow): string {
  return values['path'] as string
}

function splitIn(path: string, { file, line, values }: ListRow): SplitName {
  const value = values['split'] ?? ''
  if (value === '') return 'train'
  const split = splitOf[value.toLowerCase()]
  if (split) return split
  const known = Object.keys(splitOf).join(', ')
  throw invalidFile(join(path, file), `line ${line}: unknown split '${value}'`, `Write one of ${known}`)
}

/** An image that a split lists twice is used once; two labels for it are told. */
function withoutRepeats(walk: Walk, pictures: readonly ListedPicture[]): ListedPicture[] {
  const seen = new Map<string, ListRow>()
  return pictures.filter(({ folder, name, row }) => {
    const key = joinPath(folder, name).toString('latin1')
    const before = seen.get(key)
    seen.set(key, before ?? row)
    if (!before) return true
    const isSame = before.values['label'] === row.values['label']
    const labels = isSame ? '' : `, as '${before.values['label']}' there and '${row.values['label']}' here`
    walk.problems.add(
      row.file,
      `line ${row.line}: ${pathOf(row)} is in line ${before.line} already${labels}; left out`,
    )
    return false
  })
}

/** Classes of train, without it of all splits: numbers by size, names by alphabet. */
function classesOf(path: string, pictures: ReadonlyMap<SplitName, ListedPicture[]>, walk: Walk): string[] {
  const deciding = pictures.get('train') ?? [...pictures.values()].flat()
  const names = [...new Set(deciding.map(({ row }) => row.values['label'] as string))]
  if (names.length < 2) {
    const found = names.length === 1 ? `one class only, '${names[0]}'` : 'no image that can be used'
    const [problem] = walk.problems.list()
    const example = problem ? `. For example ${problem.file}: ${problem.problem}` : ''
    throw invalidFile(path, `expected two or more classes, found ${found}${example}`, 'Correct the lists')
  }
  if (names.every(name => /^\d{1,9}$/.test(name)))
    return names.sort((one, other) => Number(one) - Number(other))
  return names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

function labelled(
  path: string,
  pictures: readonly ListedPicture[],
  labelOf: ReadonlyMap<string, number>,
): LabelledFile[] {
  return pictures.map(({ folder, name, row }) => {
    const value = row.values['label'] as string
    const label = labelOf.get(value)
    if (label !== undefined) return { folder, name, label }
    const known = [...labelOf.keys()]
    const more = known.length > shown ? `, and ${known.length - shown} more` : ''
    const problem = `line ${row.line}: class '${value}' has no images in train, whose classes are ${known.slice(0, shown).join(', ')}${more}`
    throw invalidFile(join(path, row.file), problem, 'Correct the label or remove the line')
  })
}

/** Images that two splits list: figures of the second would prove nothing. */
function tellShared(walk: Walk, pictures: ReadonlyMap<SplitName, readonly ListedPicture[]>): void {
  const seen = new Map<string, ListRow>()
  for (const [name, found] of pictures) {
    for (const { folder, name: file, row } of found) {
      const key = joinPath(folder, file).toString('latin1')
      const before = seen.get(key)
      if (before)
        walk.problems.add(
          row.file,
          `line ${row.line}: ${pathOf(row)} of ${name} is in ${before.file}, line ${before.line}, too`,
        )
      else seen.set(key, row)
    }
  }
}
