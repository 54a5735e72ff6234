/** Folders of pictures, one a class: as ImageNet is unpacked, and as torchvision's ImageFolder reads them. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { shownSize } from './shared/checkFiles.ts'
import { packFiles, type LabelledFile } from './shared/fileList.ts'
import { shownName } from './shared/fileName.ts'
import { classNamesOf, findLayout, labelSplits, listSplits } from './shared/folderLayout.ts'
import { packIndex, unpackIndex } from './shared/indexFile.ts'
import { openFileSplits } from './shared/openFileSplits.ts'
import { countClasses, listFolder } from './shared/pixels.ts'
import type { Reader, Scan, ScanWatcher, SplitName } from './shared/reader.ts'
import { beginWalk, folderContent } from './shared/walk.ts'

export const imageFolder = entry({
  name: 'image-folder',
  title: 'Folders of images',
  summary: 'One folder a class, in train/, val/ and test/ or alone; or ImageNet with its own flat val/.',
  source: 'torchvision.datasets.ImageFolder and ImageNet (class order: names sorted)',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open }),
})

interface Header {
  readonly classes: readonly string[]
  readonly splits: readonly SplitName[]
}

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  await listFolder(path)
  const walk = beginWalk(path, { progress: () => {}, throwIfCancelled: () => {} })
  const layout = await findLayout(walk)
  if (layout.kind === 'splits')
    return {
      score: 0.9,
      reason: `found ${layout.splits.map(({ folder }) => `${shownName(folder)}/`).join(', ')}`,
    }
  const { folders } = await folderContent(walk, Buffer.alloc(0))
  if (folders.length >= 2) return { score: 0.6, reason: `found ${folders.length} folders, one a class` }
  return { score: 0, reason: 'neither train/ nor two class folders' }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  await listFolder(path)
  const walk = beginWalk(path, watcher)
  const listed = await listSplits(walk, await findLayout(walk))
  const classes = classNamesOf(walk, listed)
  const splits = await labelSplits(walk, listed, classes)
  const header: Header = { classes, splits: splits.map(({ name }) => name) }
  const blocks = Object.assign({}, ...splits.map(({ name, files }) => packFiles(name, files)))
  const first = splits[0]?.files[0] as LabelledFile
  return {
    classes,
    splits: splits.map(({ name, files }) => ({
      name,
      count: files.length,
      classCounts: countClasses(
        Int32Array.from(files, ({ label }) => label),
        classes.length,
      ),
    })),
    imageSize: await shownSize(walk, first),
    problems: walk.problems.list(),
    index: packIndex('image-folder', header, blocks),
  }
}

async function open(...[path, bytes]: Parameters<Reader['open']>): ReturnType<Reader['open']> {
  const index = unpackIndex<Header>('image-folder', bytes)
  const { classes, splits } = index.header
  return { classes, splits: openFileSplits(path, splits, index), close: async () => {} }
}
