/**
 * Reads the directory of a zip archive on disk, of any size (zip64), without reading what it holds.
 *
 * @source PKWARE, APPNOTE.TXT 6.3.10: sections 4.3.7 (local headers), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, zip64)
 */
import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../core/errors/index.ts'

export interface Entry {
  readonly name: string
  /** 0 stored, 8 deflated. */
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
  /** A link or another special file. */
  readonly isSpecial: boolean
}

const mostEntries = 200_000
const mostDirectoryBytes = 256 * 1024 * 1024

/** @throws AppError data-invalid naming what is wrong. */
export async function readDirectory(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - 66_000), Math.min(size, 66_000))
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || end + 22 > tail.length)
    throw broken('it has no directory: it is no zip archive, or only a part of one')
  let count = tail.readUInt16LE(end + 10)
  let length = tail.readUInt32LE(end + 12)
  let offset = tail.readUInt32LE(end + 16)
  if (count === 0xffff || length === 0xffffffff || offset === 0xffffffff) {
    const locator = tail.subarray(end - 20, end)
    if (end < 20 || locator.toString('latin1', 0, 4) !== 'PK\x06\x07')
      throw broken('the end of its directory is missing')
    const record = await read(file, Number(locator.readBigUInt64LE(8)), 56)
    count = Number(record.readBigUInt64LE(32))
    length = Number(record.readBigUInt64LE(40))
    offset = Number(record.readBigUInt64LE(48))
  }
  if (count > mostEntries || length > mostDirectoryBytes) throw broken(`it lists ${count} files`)
  return entriesOf(await read(file, offset, length), count)
}

/** Where the bytes of an entry begin. @throws AppError data-invalid. */
export async function dataStart(file: FileHandle, { offset, name }: Entry): Promise<number> {
  const header = await read(file, offset, 30)
  if (header.toString('latin1', 0, 4) !== 'PK\x03\x04')
    throw broken(`'${name}' is not where the directory says`)
  return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
}

function entriesOf(directory: Buffer, count: number): Entry[] {
  const entries: Entry[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || directory.toString('latin1', at, at + 4) !== 'PK\x01\x02')
      throw broken(`entry ${index} of its directory is missing`)
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28)
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
    const kind = (directory.readUInt32LE(at + 38) >>> 28) & 0xf
    const sizes = sizesOf(directory, at, directory.subarray(nameEnd, extraEnd))
    entries.push({
      name: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      // 4 is a folder, 8 a file; 0 where the archive was made on Windows.
      isSpecial: directory[at + 5] === 3 && kind !== 0 && kind !== 4 && kind !== 8,
      ...sizes,
    })
    at = extraEnd + directory.readUInt16LE(at + 32)
  }
  return entries
}

/** Sizes and place; those that do not fit 32 bits stand in the extra field 1, in this order. */
function sizesOf(directory: Buffer, at: number, extra: Buffer): Pick<Entry, 'packed' | 'size' | 'offset'> {
  const wide = extraField(extra, 1)
  let next = 0
  const take = (short: number): number => {
    if (short !== 0xffffffff) return short
    next += 8
    if (wide === null || next > wide.length) throw broken('a size in its directory is missing')
    return Number(wide.readBigUInt64LE(next - 8))
  }
  const size = take(directory.readUInt32LE(at + 24))
  const packed = take(directory.readUInt32LE(at + 20))
  return { size, packed, offset: take(directory.readUInt32LE(at + 42)) }
}

function extraField(extra: Buffer, wanted: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === wanted) return extra.subarray(at + 4, end)
    at = end
  }
  return null
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  if (bytesRead < length) throw broken('it ends in the middle')
  return buffer
}

export function broken(reason: string): AppError {
  return new AppError('data-invalid', `The archive cannot be used: ${reason}`)
}
