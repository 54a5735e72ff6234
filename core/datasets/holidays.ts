/** INRIA Holidays: photographs in groups of the same scene, the first of each group being the query. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { checkedFiles, numberedFiles } from './shared/numberedFiles.ts'
import type { Reader, Scan, ScanWatcher } from './shared/reader.ts'
import { openRetrieval, scanRetrieval, truthOfGroups } from './shared/retrievalSet.ts'
import { beginWalk } from './shared/walk.ts'

export const holidays = entry({
  name: 'holidays',
  title: 'INRIA Holidays',
  summary: 'jpg/100000.jpg and so on: numbers divisible by 100 are queries for the others of their hundred.',
  source: 'H. Jégou, M. Douze, C. Schmid 2008: Hamming embedding and weak geometric consistency',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open: openRetrieval('holidays') }),
})

const folders = ['', 'jpg', 'images']
const pattern = /^(1\d{5})\.jpe?g$/i
/** Of the whole set. */
const imageCount = 1491

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const found = await numberedFiles(
    beginWalk(path, { progress: () => {}, throwIfCancelled: () => {} }),
    folders,
    pattern,
  )
  const isOne = found?.files.some(({ number }) => number % 100 === 0) ?? false
  return isOne
    ? { score: 0.95, reason: `found ${found?.files.length} images named as 100000.jpg` }
    : { score: 0, reason: 'no images named as 100000.jpg' }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const walk = beginWalk(path, watcher)
  const found = await numberedFiles(walk, folders, pattern)
  if (!found)
    throw invalidFile(
      path,
      'expected images such as jpg/100000.jpg, found none',
      'Choose the folder that holds jpg/',
    )
  const files = await checkedFiles(walk, found.files)
  const gallery = files.map(file => ({ ...file, group: String(Math.floor(file.number / 100)) }))
  const queries = gallery.filter(({ number }) => number % 100 === 0)
  if (gallery.length !== imageCount)
    walk.problems.add(
      found.folder,
      `${gallery.length} of ${imageCount} images: figures do not compare with published ones`,
    )
  return scanRetrieval('holidays', walk, {
    queries,
    gallery,
    truth: truthOfGroups('holidays', queries, gallery),
  })
}
