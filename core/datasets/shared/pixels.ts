/** What the formats that hold bare pixels share: reading whole files, counting classes, and splits in shared memory. */
import { readFile, readdir, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '../../errors/index.ts'
import type { OpenDataset, SharedPixels, Split, SplitName } from './reader.ts'

/** One split of pixels as the index describes it. */
export interface PixelSplit {
  readonly name: SplitName
  readonly count: number
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly labels: Int32Array
  /** Name of sample `index`. */
  nameOf(index: number): string
  /** Reads the pixels, uint8 [count, height, width, channels], into `target`. */
  load(target: Uint8Array): Promise<void>
}

/** Most bytes that a compressed file may grow to: CIFAR and MNIST need under 200 MB. */
const largestFileBytes = 2 ** 31 - 1
const unzip = promisify(gunzip)

/** The names in a folder. @throws AppError data-unreadable, or data-invalid where the path is no folder. */
export async function listFolder(path: string): Promise<string[]> {
  const info = await stat(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  if (!info.isDirectory()) {
    throw new AppError(
      'data-invalid',
      `${path}: expected a folder, got a file. Choose the folder that holds it`,
      { file: path },
    )
  }
  return readdir(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
}

/** A whole file, unpacked when it is gzip. @throws AppError data-unreadable or data-invalid naming the file. */
export async function readWholeFile(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return unzip(bytes, { maxOutputLength: largestFileBytes }).catch((thrown: unknown) => {
    throw new AppError('data-invalid', `${path}: damaged gzip file. Fetch it again`, { file: path }, thrown)
  })
}

/** Samples of each class, [classCount]. */
export function countClasses(labels: Int32Array, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0)
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  return counts
}

/** Opens splits of pixels; each is read when it is first used. */
export function openPixels(
  classes: readonly string[],
  splits: readonly PixelSplit[],
  shared: SharedPixels = {},
): OpenDataset {
  const loaded = new Map<SplitName, Promise<SharedArrayBuffer>>()
  const share = (name: SplitName): Promise<SharedArrayBuffer> => {
    const known = loaded.get(name)
    if (known) return known
    const found = splits.find(split => split.name === name)
    if (!found) throw new AppError('not-found', `This data set has no split '${name}'`, { split: name })
    const given = shared[name]
    const made = given ? Promise.resolve(given) : loadShared(found)
    loaded.set(name, made)
    return made
  }
  return {
    classes,
    splits: Object.fromEntries(splits.map(split => [split.name, opened(split, () => share(split.name))])),
    share,
    close: async () => loaded.clear(),
  }
}

async function loadShared(split: PixelSplit): Promise<SharedArrayBuffer> {
  const pixels = new SharedArrayBuffer(split.count * split.width * split.height * split.channels)
  await split.load(new Uint8Array(pixels))
  return pixels
}

function opened(split: PixelSplit, share: () => Promise<SharedArrayBuffer>): Split {
  const { width, height, channels } = split
  const imageBytes = width * height * channels
  let pixels: Uint8Array | null = null
  return {
    count: split.count,
    labels: split.labels,
    name: index => split.nameOf(index),
    read: async index => {
      pixels ??= new Uint8Array(await share())
      const data = pixels.subarray(index * imageBytes, (index + 1) * imageBytes)
      return { kind: 'pixels', image: { data, width, height, channels } }
    },
  }
}

/** An unreadable file or folder as an error that names it. */
export function unreadable(path: string, thrown: unknown): AppError {
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
  const reasons: Record<string, string> = {
    ENOENT: 'it does not exist; is the disk mounted?',
    EACCES: 'permission denied; make it readable for this user',
    EPERM: 'permission denied; make it readable for this user',
    ENOTDIR: 'a part of the path is not a folder',
    ELOOP: 'a symbolic link leads back to itself',
    EIO: 'the disk reports a read error',
  }
  return new AppError(
    'data-unreadable',
    `${path}: cannot be read: ${reasons[errno] ?? errno}`,
    { file: path, errno },
    thrown,
  )
}
