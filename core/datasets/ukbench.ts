/** UKBench: objects photographed four times each; every photograph is a query, and one of the four it has to find. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { checkedFiles, numberedFiles } from './shared/numberedFiles.ts'
import type { Reader, Scan, ScanWatcher } from './shared/reader.ts'
import { openRetrieval, scanRetrieval, truthOfGroups } from './shared/retrievalSet.ts'
import { beginWalk } from './shared/walk.ts'

export const ukbench = entry({
  name: 'ukbench',
  title: 'UKBench',
  summary: 'full/ukbench00000.jpg and so on: four images in turn show the same object.',
  source: 'D. Nistér, H. Stewénius 2006: Scalable recognition with a vocabulary tree',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open: openRetrieval('ukbench') }),
})

const folders = ['', 'full', 'jpg', 'images']
const pattern = /^ukbench(\d{5})\.(?:jpe?g|png|ppm)$/i
const groupSize = 4

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const found = await numberedFiles(
    beginWalk(path, { progress: () => {}, throwIfCancelled: () => {} }),
    folders,
    pattern,
  )
  return found
    ? { score: 1, reason: `found ${found.files.length} images named as ukbench00000.jpg` }
    : { score: 0, reason: 'no images named as ukbench00000.jpg' }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const walk = beginWalk(path, watcher)
  const found = await numberedFiles(walk, folders, pattern)
  if (!found)
    throw invalidFile(
      path,
      'expected images such as full/ukbench00000.jpg, found none',
      'Choose the folder that holds full/',
    )
  const files = await checkedFiles(walk, found.files)
  const images = files.map(file => ({
    ...file,
    group: String(Math.floor(file.number / groupSize)).padStart(4, '0'),
  }))
  const sizes = Map.groupBy(images, ({ group }) => group)
  const incomplete = [...sizes].filter(([, members]) => members.length !== groupSize).map(([group]) => group)
  if (incomplete.length > 0) {
    const shown = incomplete.slice(0, 5).map(Number).join(', ')
    walk.problems.add(
      found.folder,
      `${incomplete.length} groups have fewer than four images (group ${shown}): the score cannot reach 4`,
    )
  }
  return scanRetrieval('ukbench', walk, {
    queries: images,
    gallery: images,
    truth: truthOfGroups('ukbench', images, images, true),
  })
}
