/** Folders of pictures, one a class: as ImageNet is unpacked, and as torchvision's ImageFolder reads them. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { briefReader } from './shared/briefRead.ts'
import { sizeOf } from './shared/checkFiles.ts'
import { openFiles, packFiles, shownPath, type FileList, type LabelledFile } from './shared/fileList.ts'
import { joinPath, shownName } from './shared/fileName.ts'
import { classNamesOf, findLayout, labelSplits, listSplits } from './shared/folderLayout.ts'
import { packIndex, unpackIndex } from './shared/indexFile.ts'
import { countClasses, listFolder, unreadable } from './shared/pixels.ts'
import { Problems } from './shared/problems.ts'
import type { Reader, Scan, ScanWatcher, Split, SplitName } from './shared/reader.ts'
import { folderContent, type Walk } from './shared/walk.ts'

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
  const walk = begin(path, { progress: () => {}, throwIfCancelled: () => {} })
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
  const walk = begin(path, watcher)
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
  const opened = splits.map(name => [name, openSplit(Buffer.from(path), openFiles(name, index))] as const)
  return { classes, splits: Object.fromEntries(opened), close: async () => {} }
}

/** A hint of what the pictures are like: the first one's size, as decoding would give it. */
async function shownSize(walk: Walk, first: LabelledFile): Promise<Scan['imageSize']> {
  const size = await sizeOf(walk, first).catch(() => null)
  return size && { ...size, channels: size.channels === 1 ? 1 : 3 }
}

function openSplit(root: Buffer, files: FileList): Split {
  const readNext = briefReader()
  return {
    count: files.count,
    labels: files.labels,
    name: at => shownPath(files, at),
    read: async at => {
      try {
        // Decode threads have nothing else to do; without a trip to the thread pool this is several times faster.
        return { kind: 'encoded', bytes: readFileSync(joinPath(root, files.path(at))) }
      } catch (thrown) {
        throw unreadable(shownPath(files, at), thrown)
      }
    },
    readBriefly: at => {
      try {
        return { kind: 'encoded', bytes: readNext(joinPath(root, files.path(at))) }
      } catch (thrown) {
        throw unreadable(shownPath(files, at), thrown)
      }
    },
  }
}

function begin(path: string, watcher: ScanWatcher): Walk {
  return { root: Buffer.from(path), problems: new Problems(), watcher, fileCount: 0 }
}
