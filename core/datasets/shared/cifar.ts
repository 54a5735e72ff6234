/** What CIFAR-10 and CIFAR-100 share: files of fixed records, labels first, then the red, green and blue planes. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { packIndex, unpackIndex } from './indexFile.ts'
import { invalidFile } from './invalidFile.ts'
import { missingClasses } from './missingClasses.ts'
import { countClasses, listFolder, openPixels, readWholeFile } from './pixels.ts'
import type { Reader, Scan, ScanWatcher, SplitName } from './reader.ts'

/** One of the two formats. */
export interface CifarFormat {
  /** The reader's name. */
  readonly name: string
  /** Label bytes before the pixels of a record. */
  readonly labelBytes: number
  /** Which of them is the class. */
  readonly labelAt: number
  readonly classCount: number
  readonly splitOf: (fileName: string) => SplitName | null
  /** File that lists the class names, one a line. */
  readonly namesFile: string
  /** An example of a file name, for messages. */
  readonly example: string
}

interface CifarFile {
  readonly split: SplitName
  readonly name: string
  readonly count: number
}

interface Header {
  readonly classes: readonly string[]
  readonly files: readonly CifarFile[]
}

const side = 32
const planeBytes = side * side
const imageBytes = 3 * planeBytes
const splitNames = ['train', 'val', 'test'] as const
/** Folders that the archives unpack to, so that the folder above may be chosen too. */
const archiveFolders = ['cifar-10-batches-bin', 'cifar-100-binary']

/** The reader of a format. */
export function cifarReader(format: CifarFormat): Reader {
  return {
    recognise: path => recognise(path, format),
    scan: (path, watcher) => scan(path, watcher, format),
    open: async (path, index, shared) => {
      const { header, integers } = unpackIndex<Header>(format.name, index)
      const folder = (await findFolder(path, format)).folder
      return openPixels(
        header.classes,
        splitNames
          .filter(name => header.files.some(({ split }) => split === name))
          .map(name => {
            const files = header.files.filter(({ split }) => split === name)
            return openSplit(folder, name, files, integers(name), format)
          }),
        shared,
      )
    },
  }
}

async function recognise(path: string, format: CifarFormat): Promise<{ score: number; reason: string }> {
  const { names } = await findFolder(path, format)
  const found = names.filter(name => format.splitOf(name) !== null)
  if (found.length === 0) return { score: 0, reason: `no file named like ${format.example}` }
  return { score: names.includes(format.namesFile) ? 1 : 0.8, reason: `found ${found.join(', ')}` }
}

async function scan(path: string, watcher: ScanWatcher, format: CifarFormat): Promise<Scan> {
  const { folder, names } = await findFolder(path, format)
  const found = names.filter(name => format.splitOf(name) !== null).sort()
  if (found.length === 0)
    throw invalidFile(
      path,
      `expected files such as ${format.example}, found none`,
      'Choose the folder that holds them',
    )
  const files: CifarFile[] = []
  const labels = new Map<SplitName, number[]>()
  for (const [done, name] of found.entries()) {
    watcher.throwIfCancelled()
    watcher.progress('Reading CIFAR files', done, found.length)
    const split = format.splitOf(name) as SplitName
    const known = labels.get(split) ?? []
    const fileLabels = await readLabels(join(folder, name), format)
    for (const label of fileLabels) known.push(label)
    labels.set(split, known)
    files.push({ split, name, count: fileLabels.length })
  }
  const classes = await readClassNames(join(folder, format.namesFile), format)
  const splits = splitNames.flatMap(name => {
    const values = labels.get(name)
    return values ? [{ name, labels: Int32Array.from(values) }] : []
  })
  const header: Header = { classes: classes.names, files }
  const counted = splits.map(split => ({
    name: split.name,
    count: split.labels.length,
    classCounts: countClasses(split.labels, classes.names.length),
  }))
  const named = classes.problem ? [{ file: format.namesFile, problem: classes.problem }] : []
  return {
    classes: classes.names,
    splits: counted,
    imageSize: { width: side, height: side, channels: 3 },
    problems: [...named, ...missingClasses(classes.names, counted)],
    index: packIndex(
      format.name,
      header,
      Object.fromEntries(splits.map(split => [split.name, split.labels])),
    ),
  }
}

function openSplit(
  folder: string,
  name: SplitName,
  files: readonly CifarFile[],
  labels: Int32Array,
  format: CifarFormat,
): Parameters<typeof openPixels>[1][number] {
  return {
    name,
    count: labels.length,
    width: side,
    height: side,
    channels: 3,
    labels,
    nameOf: index => {
      let at = index
      const file = files.find(({ count }) => at < count || ((at -= count), false))
      return `${file?.name} #${at}`
    },
    load: async target => {
      let at = 0
      for (const file of files) {
        const bytes = await readRecords(join(folder, file.name), format)
        const count = bytes.length / recordBytes(format)
        if (count !== file.count) {
          throw invalidFile(
            join(folder, file.name),
            'it has changed since it was scanned',
            'Scan the data set again',
          )
        }
        interleave(bytes, format, target.subarray(at, at + count * imageBytes))
        at += count * imageBytes
      }
    },
  }
}

/** From planes to interleaved pixels: [count, 3, 32, 32] → [count, 32, 32, 3]. */
function interleave(bytes: Buffer, format: CifarFormat, target: Uint8Array): void {
  let at = 0
  for (let from = format.labelBytes; from < bytes.length; from += recordBytes(format)) {
    for (let pixel = from; pixel < from + planeBytes; pixel++) {
      target[at++] = bytes[pixel] as number
      target[at++] = bytes[pixel + planeBytes] as number
      target[at++] = bytes[pixel + 2 * planeBytes] as number
    }
  }
}

async function readLabels(file: string, format: CifarFormat): Promise<Uint8Array> {
  const bytes = await readRecords(file, format)
  const record = recordBytes(format)
  const labels = new Uint8Array(bytes.length / record)
  for (let at = 0; at < labels.length; at++) {
    const label = bytes[at * record + format.labelAt] as number
    if (label >= format.classCount) {
      throw invalidFile(
        file,
        `record ${at} has label ${label}; expected 0 to ${format.classCount - 1}`,
        `Check that it is a ${format.name} file, or fetch it again`,
      )
    }
    labels[at] = label
  }
  return labels
}

async function readRecords(file: string, format: CifarFormat): Promise<Buffer> {
  const record = recordBytes(format)
  const bytes = await readWholeFile(file)
  if (bytes.length > 0 && bytes.length % record === 0) return bytes
  const size = (await stat(file)).size
  const records = `${record} bytes (${format.labelBytes} of label, ${imageBytes} of pixels)`
  throw invalidFile(file, `${size} bytes; expected a multiple of ${records}`, 'Fetch it again')
}

/** Names of the classes; numbers where the list is missing or does not fit. */
async function readClassNames(
  file: string,
  format: CifarFormat,
): Promise<{ names: string[]; problem: string | null }> {
  const numbers = Array.from({ length: format.classCount }, (_, label) => String(label))
  const exists = await stat(file).catch(() => null)
  if (!exists) return { names: numbers, problem: 'it is missing: classes are shown as numbers' }
  const text = (await readWholeFile(file)).toString('utf8')
  const names = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  if (names.length === format.classCount) return { names, problem: null }
  return {
    names: numbers,
    problem: `${names.length} names for ${format.classCount} classes: classes are shown as numbers`,
  }
}

/** The folder chosen, or the archive's own folder in it. */
async function findFolder(path: string, format: CifarFormat): Promise<{ folder: string; names: string[] }> {
  const names = await listFolder(path)
  if (names.some(name => format.splitOf(name) !== null)) return { folder: path, names }
  for (const inner of archiveFolders.filter(name => names.includes(name))) {
    const innerNames = await listFolder(join(path, inner))
    if (innerNames.some(name => format.splitOf(name) !== null))
      return { folder: join(path, inner), names: innerNames }
  }
  return { folder: path, names }
}

function recordBytes(format: CifarFormat): number {
  return format.labelBytes + imageBytes
}
