/** INRIA Copydays: photographs, copies of them under attack, and the question from which photograph a copy comes. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { checkedFiles, imagesBelow, numberedFiles, type NumberedFile } from './shared/numberedFiles.ts'
import type { Reader, Scan, ScanWatcher } from './shared/reader.ts'
import { openRetrieval, scanRetrieval, truthOfGroups } from './shared/retrievalSet.ts'
import { beginWalk, folderContent, type Walk } from './shared/walk.ts'

export const copydays = entry({
  name: 'copydays',
  title: 'INRIA Copydays',
  summary:
    'original/200000.jpg, strong/200001.jpg: copies are queries, originals (and distractors/) the gallery.',
  source: 'M. Douze et al. 2009: Evaluation of GIST descriptors for web-scale image search',
  options: z.strictObject({
    copies: z.enum(['strong', 'all']).default('strong').meta({
      title: 'Copies',
      description: 'strong alone, as most figures are given; all adds the folders jpegqual and crops',
    }),
  }),
  create: ({ copies }): Reader => ({
    recognise,
    scan: (path, watcher) => scan(path, watcher, copies === 'all'),
    open: openRetrieval('copydays'),
  }),
})

const originals = ['original', 'originals', 'copydays_original']
const strong = ['strong', 'copydays_strong']
const pattern = /^(2\d{5})\.jpe?g$/i

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const walk = beginWalk(path, { progress: () => {}, throwIfCancelled: () => {} })
  const found = await numberedFiles(walk, originals, pattern)
  return found
    ? { score: 0.95, reason: `found ${found.folder}/ with ${found.files.length} images named as 200000.jpg` }
    : { score: 0, reason: 'no folder original/ with images named as 200000.jpg' }
}

async function scan(path: string, watcher: ScanWatcher, withAll: boolean): Promise<Scan> {
  const walk = beginWalk(path, watcher)
  const found = await numberedFiles(walk, originals, pattern)
  if (!found)
    throw invalidFile(
      path,
      'expected images such as original/200000.jpg, found none',
      'Choose the folder that holds original/',
    )
  const gallery = grouped(await checkedFiles(walk, found.files))
  const copies: NumberedFile[] = []
  for (const folders of [strong, ...(withAll ? await milderCopies(walk) : [])]) {
    const some = await numberedFiles(walk, folders, pattern)
    if (some) copies.push(...(await checkedFiles(walk, some.files)))
  }
  if (copies.length === 0)
    throw invalidFile(
      path,
      'expected copies such as strong/200001.jpg, found none',
      'Put the folder strong/ beside original/',
    )
  const distractors = (await imagesBelow(walk, 'distractors')).map(file => ({ ...file, group: 'distractor' }))
  const all = [...gallery, ...distractors]
  const queries = grouped(copies)
  return scanRetrieval('copydays', walk, {
    queries,
    gallery: all,
    truth: truthOfGroups('copydays', queries, all),
  })
}

/** Folders such as jpegqual/75 and crops/50. */
async function milderCopies(walk: Walk): Promise<string[][]> {
  const found: string[][] = []
  for (const kind of ['jpegqual', 'crops']) {
    const content = await folderContent(walk, Buffer.from(kind)).catch(() => null)
    for (const folder of content?.folders ?? []) found.push([`${kind}/${folder.toString()}`])
  }
  return found
}

function grouped(files: readonly NumberedFile[]): (NumberedFile & { group: string })[] {
  return files.map(file => ({ ...file, group: String(Math.floor(file.number / 100)) }))
}
