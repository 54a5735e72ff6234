/** MNIST and its family (Fashion-MNIST, KMNIST, EMNIST): big-endian IDX files, plain or gzip. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { packIndex, unpackIndex } from './shared/indexFile.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { missingClasses } from './shared/missingClasses.ts'
import { countClasses, listFolder, openPixels, readWholeFile } from './shared/pixels.ts'
import type { Reader, Scan, ScanWatcher, SplitName } from './shared/reader.ts'

const fetchAgain = 'The file is damaged or not what its name says: fetch it again'

export const idx = entry({
  name: 'idx',
  title: 'IDX files (MNIST family)',
  summary: 'Pairs of files such as train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz.',
  source: 'Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits (file format).',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open }),
})

interface IdxSplit {
  readonly name: SplitName
  readonly images: string
  readonly count: number
  readonly rows: number
  readonly columns: number
  /** Of the images file on disk, to notice a change. */
  readonly sizeBytes: number
}

interface Header {
  readonly classes: readonly string[]
  readonly splits: readonly IdxSplit[]
}

interface Pair {
  readonly name: SplitName
  readonly images: string
  readonly labels: string
}

const splitOf: Readonly<Record<string, SplitName>> = {
  train: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
  t10k: 'test',
}
const imagesName = /^(.*?)(train|valid|validation|val|test|t10k)([-_.]images[-_.])idx3-ubyte(\.gz)?$/i
const imagesMagic = 0x803
const labelsMagic = 0x801
const headerBytes = 16
/** Side of the largest image accepted. */
const largestSide = 4096

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const names = await listFolder(path)
  const found = names.filter(name => imagesName.test(name))
  if (found.length === 0) return { score: 0, reason: 'no file named like train-images-idx3-ubyte' }
  return { score: 1, reason: `found ${found.join(', ')}` }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const pairs = findPairs(path, await listFolder(path))
  const splits: IdxSplit[] = []
  const labels: Record<string, Int32Array> = {}
  for (const [done, pair] of pairs.entries()) {
    watcher.throwIfCancelled()
    watcher.progress('Reading IDX files', done, pairs.length)
    const images = await readImages(join(path, pair.images))
    labels[pair.name] = await readLabels(join(path, pair.labels), images.count)
    splits.push({ name: pair.name, images: pair.images, ...images })
  }
  const classes = classNames(path, Object.values(labels))
  const header: Header = { classes, splits }
  const counted = splits.map(({ name, count }) => ({
    name,
    count,
    classCounts: countClasses(labels[name] as Int32Array, classes.length),
  }))
  const first = splits[0] as IdxSplit
  return {
    classes,
    splits: counted,
    imageSize: { width: first.columns, height: first.rows, channels: 1 },
    problems: missingClasses(classes, counted),
    index: packIndex('idx', header, labels),
  }
}

async function open(...[path, index, shared]: Parameters<Reader['open']>): ReturnType<Reader['open']> {
  const { header, integers } = unpackIndex<Header>('idx', index)
  const splits = header.splits.map(split => ({
    name: split.name,
    count: split.count,
    width: split.columns,
    height: split.rows,
    channels: 1 as const,
    labels: integers(split.name),
    nameOf: (at: number) => `${split.images} #${at}`,
    load: (target: Uint8Array) => loadPixels(join(path, split.images), split, target),
  }))
  return openPixels(header.classes, splits, shared)
}

function findPairs(path: string, names: readonly string[]): Pair[] {
  const pairs = new Map<SplitName, Pair>()
  for (const images of [...names].sort()) {
    const match = imagesName.exec(images)
    if (!match) continue
    const name = splitOf[(match[2] as string).toLowerCase()] as SplitName
    const stem = images.replace(/images([-_.])idx3/i, 'labels$1idx1').replace(/\.gz$/i, '')
    const labels = [stem, `${stem}.gz`].find(candidate => names.includes(candidate))
    if (!labels)
      throw invalidFile(
        join(path, images),
        `its labels file ${stem} (or .gz) is missing beside it`,
        'Put it into the same folder, under that name',
      )
    const known = pairs.get(name)
    if (known && known.images.replace(/\.gz$/i, '') === images.replace(/\.gz$/i, '')) continue
    if (known)
      throw invalidFile(
        path,
        `both ${known.images} and ${images} are ${name} images`,
        'Keep one family to a folder',
      )
    pairs.set(name, { name, images, labels })
  }
  if (pairs.size === 0) {
    throw invalidFile(
      path,
      'expected files such as train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz), found none',
      'Choose the folder that holds them',
    )
  }
  return (['train', 'val', 'test'] as const).flatMap(name => pairs.get(name) ?? [])
}

async function readImages(file: string): Promise<Omit<IdxSplit, 'name' | 'images'>> {
  const bytes = await readWholeFile(file)
  expectMagic(file, bytes, imagesMagic, headerBytes)
  const [count, rows, columns] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8), bytes.readUInt32BE(12)]
  if (rows < 1 || columns < 1 || rows > largestSide || columns > largestSide) {
    throw invalidFile(
      file,
      `images of ${columns} × ${rows} pixels; expected sides from 1 to ${largestSide}`,
      fetchAgain,
    )
  }
  const expected = headerBytes + count * rows * columns
  if (bytes.length !== expected) {
    throw invalidFile(
      file,
      `its header promises ${count} images of ${columns} × ${rows} (${expected} bytes), found ${bytes.length} bytes`,
      fetchAgain,
    )
  }
  return { count, rows, columns, sizeBytes: (await stat(file)).size }
}

async function readLabels(file: string, count: number): Promise<Int32Array> {
  const bytes = await readWholeFile(file)
  expectMagic(file, bytes, labelsMagic, 8)
  const found = bytes.readUInt32BE(4)
  if (found !== count)
    throw invalidFile(file, `${found} labels for ${count} images`, 'Take both files from the same download')
  if (bytes.length !== 8 + count)
    throw invalidFile(file, `its header promises ${count} labels, found ${bytes.length - 8}`, fetchAgain)
  return Int32Array.from(bytes.subarray(8))
}

async function loadPixels(file: string, split: IdxSplit, target: Uint8Array): Promise<void> {
  const bytes = await readWholeFile(file)
  if (bytes.length !== headerBytes + target.length || bytes.readUInt32BE(4) !== split.count) {
    throw invalidFile(file, 'it has changed since it was scanned', 'Scan the data set again')
  }
  target.set(bytes.subarray(headerBytes))
}

function classNames(path: string, labels: readonly Int32Array[]): string[] {
  let largest = -1
  const seen = new Set<number>()
  for (const each of labels) {
    for (const label of each) {
      seen.add(label)
      if (label > largest) largest = label
    }
  }
  if (seen.size === 0) throw invalidFile(path, 'its files hold no images', fetchAgain)
  if (seen.size === 1)
    throw invalidFile(
      path,
      `every image has label ${largest}; training needs two classes or more`,
      'Check that the labels file belongs to these images',
    )
  return Array.from({ length: largest + 1 }, (_, label) => String(label))
}

function expectMagic(file: string, bytes: Buffer, magic: number, leastBytes: number): void {
  if (bytes.length >= leastBytes && bytes.readUInt32BE(0) === magic) return
  const found =
    bytes.length < 4 ? `${bytes.length} bytes` : `0x${bytes.readUInt32BE(0).toString(16).padStart(8, '0')}`
  throw invalidFile(
    file,
    `expected an IDX file that begins 0x${magic.toString(16).padStart(8, '0')}, found ${found}`,
    fetchAgain,
  )
}
