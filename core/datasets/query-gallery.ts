/** Retrieval as two lists: queries.csv and gallery.csv say which images show the same instance. */
import { join } from 'node:path'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { pathNames, readList, type ColumnNames, type ListRow } from './shared/csvTable.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { listedPictures } from './shared/listedPictures.ts'
import { listFolder } from './shared/pixels.ts'
import type { Reader, Scan, ScanWatcher } from './shared/reader.ts'
import { openRetrieval, scanRetrieval, truthOfGroups, type GroupedFile } from './shared/retrievalSet.ts'
import { beginWalk, type Walk } from './shared/walk.ts'

export const queryGallery = entry({
  name: 'query-gallery',
  title: 'Queries and gallery in CSV files',
  summary:
    'queries.csv and gallery.csv with lines of path,instance; a third column, junk, marks what does not count.',
  source: 'RFC 4180; as Stanford Online Products, DeepFashion and others list their images',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open: openRetrieval('query-gallery') }),
})

const columns: ColumnNames = {
  path: pathNames,
  instance: ['instance', 'label', 'class', 'group', 'product', 'identity', 'object'],
  junk: ['junk', 'ignore', 'ignored'],
}
const queriesName = 'queries.csv'
const galleryName = 'gallery.csv'

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const names = await listFolder(path)
  return names.includes(queriesName) && names.includes(galleryName)
    ? { score: 1, reason: `found ${queriesName} and ${galleryName}` }
    : { score: 0, reason: `no ${queriesName} with ${galleryName}` }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const walk = beginWalk(path, watcher)
  const queries = await readGroups(walk, path, queriesName)
  const gallery = await readGroups(walk, path, galleryName)
  const truth = truthOfGroups('plain', queries, gallery)
  const inBoth = truth.queries.filter(({ self }) => self !== null).length
  if (inBoth > 0)
    walk.problems.add(
      galleryName,
      `it contains ${inBoth} of the queries; each is left out of its own ranking`,
    )
  return scanRetrieval('query-gallery', walk, { queries, gallery, truth })
}

async function readGroups(walk: Walk, path: string, name: string): Promise<GroupedFile[]> {
  const rows = await readList(path, name, columns, 2)
  const pictures = await listedPictures(walk, rows, ({ values }) => values['path'] as string)
  if (pictures.length === 0)
    throw invalidFile(
      join(path, name),
      'none of its images can be used',
      'Check its paths: they begin at the folder of the list',
    )
  return pictures.map(({ folder, name: file, row }) => ({
    ...{ folder, name: file, group: row.values['instance'] as string },
    isJunk: isJunk(path, row),
  }))
}

function isJunk(path: string, { file, line, values }: ListRow): boolean {
  const value = (values['junk'] ?? '').toLowerCase()
  if (['', '0', 'false', 'no'].includes(value)) return false
  if (['1', 'true', 'yes', 'junk'].includes(value)) return true
  throw invalidFile(join(path, file), `line ${line}: junk is '${value}'`, 'Write 1 or 0')
}
