/** Unpacks the libraries of a libtorch from its archive: into a folder that appears whole, or not at all. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { AppError } from '../../core/errors/index.ts'
import { broken, dataStart, readDirectory, type Entry } from './archive.ts'

export interface UnpackOrder {
  readonly archive: string
  /** Folder in the archive that holds `lib` and `include`. */
  readonly inner: string
  /** What is made; its parent must be there. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

/** A libtorch with CUDA takes about 8 GB. */
const mostBytes = 40 * 2 ** 30
/** Deflate cannot do better than about a thousand to one. */
const mostInflation = 1032

/** Bytes that unpacking needs. @throws AppError data-invalid. */
export async function unpackedBytes({
  archive,
  inner,
}: Pick<UnpackOrder, 'archive' | 'inner'>): Promise<number> {
  const file = await open(archive)
  try {
    return total(wanted(await readDirectory(file), inner))
  } finally {
    await file.close()
  }
}

/** @throws AppError data-invalid when the archive is not as it should be, disk-full, cancelled. */
export async function unpack(order: UnpackOrder): Promise<void> {
  const { archive, inner, folder, signal } = order
  const draft = `${folder}.unpacking`
  await rm(draft, { recursive: true, force: true })
  const file = await open(archive)
  try {
    const entries = wanted(await readDirectory(file), inner)
    if (entries.length === 0) throw broken(`it holds no folder ${inner}/lib`)
    await mkdir(draft, { mode: 0o700 })
    await writeAll(file, entries, draft, order)
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true })
    if (signal.aborted) throw new AppError('cancelled', 'Unpacking was stopped')
    throw AppError.from(thrown, 'Unpacking libtorch')
  } finally {
    await file.close()
  }
}

async function writeAll(
  file: FileHandle,
  entries: readonly Entry[],
  draft: string,
  { archive, inner, signal, onProgress }: UnpackOrder,
): Promise<void> {
  const all = total(entries)
  let done = 0
  for (const entry of entries) {
    const path = pathIn(draft, entry.name.slice(inner.length + 1))
    await mkdir(dirname(path), { recursive: true })
    const start = await dataStart(file, entry)
    const counted = counting(entry, bytes => onProgress((done += bytes), all))
    if (entry.packed === 0) await pipeline([Buffer.alloc(0)], counted, createWriteStream(path), { signal })
    else {
      const source = createReadStream(archive, {
        start,
        end: start + entry.packed - 1,
        highWaterMark: 1024 * 1024,
      })
      if (entry.method === 8)
        await pipeline(source, createInflateRaw(), counted, createWriteStream(path), { signal })
      else await pipeline(source, counted, createWriteStream(path), { signal })
    }
  }
}

/** Passes bytes on, and fails when they are not those that the directory promised. */
function counting(entry: Entry, onBytes: (bytes: number) => void): Transform {
  let size = 0
  let sum = 0
  return new Transform({
    transform(bytes: Buffer, _encoding, pass) {
      size += bytes.length
      sum = crc32(bytes, sum)
      onBytes(bytes.length)
      pass(size > entry.size ? broken(`'${entry.name}' is longer than the directory says`) : null, bytes)
    },
    flush(pass) {
      const isRight = size === entry.size && sum === entry.crc
      pass(isRight ? null : broken(`'${entry.name}' does not agree with its checksum`))
    },
  })
}

/** Shared libraries and headers: static libraries, CMake files and Python are left out. @throws AppError data-invalid. */
function wanted(entries: readonly Entry[], inner: string): Entry[] {
  const chosen = entries.filter(({ name }) => {
    const below = name.startsWith(`${inner}/`) ? name.slice(inner.length + 1) : ''
    if (below === '' || below.endsWith('/')) return false
    return /^(lib\/[^/]+$|include\/|build-version$)/.test(below) && !/\.(a|py|pyi|cmake)$/.test(below)
  })
  for (const { name, method, isSpecial, packed, size } of chosen) {
    pathIn(sep, name)
    if (isSpecial) throw broken(`'${name}' is a link or a special file`)
    if (method !== 0 && method !== 8) throw broken(`'${name}' is packed by method ${method}`)
    if (size > packed * mostInflation + 1024)
      throw broken(`'${name}' claims to unpack to ${size} bytes from ${packed}`)
  }
  if (new Set(chosen.map(({ name }) => name)).size !== chosen.length) throw broken('it holds a file twice')
  if (total(chosen) > mostBytes) throw broken(`it would unpack to ${total(chosen)} bytes`)
  return chosen
}

/** @throws AppError data-invalid for a name that leads out of the folder, on any system. */
function pathIn(folder: string, name: string): string {
  const path = resolve(folder, name)
  const isPlain = !/[\\:\0]/.test(name) && !name.split('/').some(part => part === '..' || part === '.')
  if (!isPlain || name.startsWith('/') || !path.startsWith(folder === sep ? sep : `${resolve(folder)}${sep}`))
    throw broken(`the name '${name}' is not allowed`)
  return join(folder, name)
}

function total(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0)
}
