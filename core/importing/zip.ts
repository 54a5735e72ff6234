/**
 * A reader of zip archives as far as PyTorch writes them: found by the central directory, stored or deflated, checked against sizes and
 * CRC-32, and against archives that are made to hurt.
 *
 * @source PKWARE, APPNOTE.TXT 6.3.10: sections 4.3.7 (local headers), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, zip64)
 */
import { crc32, inflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly size: number
  /** @throws Error that says what is wrong with it. */
  read(): Uint8Array
}

const [localSignature, centralSignature, endSignature] = [0x04034b50, 0x02014b50, 0x06054b50]
const [zip64EndSignature, zip64LocatorSignature] = [0x06064b50, 0x07064b50]
const mostEntries = 100_000
/** Deflate cannot do better than about a thousand to one. */
const mostInflation = 1032
/** Of all entries together. */
const mostBytes = 2 ** 33

/** @throws Error that says what is wrong with the archive. */
export function readZip(bytes: Buffer): Map<string, ZipEntry> {
  try {
    return entriesOf(bytes)
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new Error('its directory ends in the middle')
    throw thrown
  }
}

function entriesOf(bytes: Buffer): Map<string, ZipEntry> {
  const { count, offset } = directoryOf(bytes)
  if (count > mostEntries) throw new Error(`it lists ${count} entries, more than ${mostEntries}`)
  const entries = new Map<string, ZipEntry>()
  const ranges: { from: number; to: number; name: string }[] = []
  let at = offset
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== centralSignature)
      throw new Error(`entry ${index} of its directory is not there`)
    const nameLength = bytes.readUInt16LE(at + 28)
    const extraLength = bytes.readUInt16LE(at + 30)
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString('utf8')
    const found = {
      name,
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      ...sizesOf(bytes, at, nameLength, extraLength),
    }
    if (entries.has(name)) throw new Error(`it holds '${name}' twice`)
    const from = dataStart(bytes, found.local, name)
    const to = from + found.packed
    if (to > bytes.length) throw new Error(`'${name}' ends at byte ${to}, the file at ${bytes.length}`)
    ranges.push({ from: found.local, to, name })
    entries.set(name, { name, size: found.size, read: () => unpack(bytes.subarray(from, to), found) })
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32)
  }
  checkApart(ranges)
  const total = [...entries.values()].reduce((sum, { size }) => sum + size, 0)
  if (total > mostBytes) throw new Error(`it unpacks to ${total} bytes, more than ${mostBytes}`)
  return entries
}

interface Packed {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly size: number
}

function unpack(packed: Buffer, { name, flags, method, crc, size }: Packed): Uint8Array {
  if ((flags & 1) !== 0) throw new Error(`'${name}' is encrypted`)
  if (method !== 0 && method !== 8)
    throw new Error(`'${name}' is packed by method ${method}; stored and deflated are read`)
  if (method === 0 && packed.length !== size)
    throw new Error(`'${name}' has ${packed.length} bytes, its directory says ${size}`)
  if (method === 8 && size > packed.length * mostInflation + 1024)
    throw new Error(`'${name}' claims to be ${size} bytes, too many for the ${packed.length} it is packed in`)
  const data = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  if (data.length !== size) throw new Error(`'${name}' has ${data.length} bytes, its directory says ${size}`)
  if (crc32(data) !== crc) throw new Error(`'${name}' does not agree with its checksum`)
  return data
}

/** Sizes and place of an entry, from its zip64 field where they do not fit into 32 bits. */
function sizesOf(
  bytes: Buffer,
  at: number,
  nameLength: number,
  extraLength: number,
): { readonly packed: number; readonly size: number; readonly local: number } {
  let packed = bytes.readUInt32LE(at + 20)
  let size = bytes.readUInt32LE(at + 24)
  let local = bytes.readUInt32LE(at + 42)
  const end = at + 46 + nameLength + extraLength
  for (let field = at + 46 + nameLength; field + 4 <= end && end <= bytes.length;) {
    const length = bytes.readUInt16LE(field + 2)
    if (bytes.readUInt16LE(field) === 1) {
      let value = field + 4
      const next = (): number => {
        const number = Number(bytes.readBigUInt64LE(value))
        value += 8
        return number
      }
      if (size === 0xffffffff) size = next()
      if (packed === 0xffffffff) packed = next()
      if (local === 0xffffffff) local = next()
    }
    field += 4 + length
  }
  if (![packed, size, local].every(Number.isSafeInteger)) throw new Error('it has sizes beyond all files')
  return { packed, size, local }
}

function dataStart(bytes: Buffer, local: number, name: string): number {
  if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== localSignature)
    throw new Error(`'${name}' does not begin where its directory says`)
  return local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
}

/** Where the central directory begins, and how many entries it has. */
function directoryOf(bytes: Buffer): { readonly count: number; readonly offset: number } {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 65_535); at--) {
    if (bytes.readUInt32LE(at) !== endSignature) continue
    const count = bytes.readUInt16LE(at + 10)
    const offset = bytes.readUInt32LE(at + 16)
    const locator = at - 20
    const isZip64 = locator >= 0 && bytes.readUInt32LE(locator) === zip64LocatorSignature
    if (!isZip64) return { count, offset }
    const place = Number(bytes.readBigUInt64LE(locator + 8))
    if (place + 56 > bytes.length || bytes.readUInt32LE(place) !== zip64EndSignature)
      throw new Error('the end of its directory is not where it says')
    return {
      count: Number(bytes.readBigUInt64LE(place + 32)),
      offset: Number(bytes.readBigUInt64LE(place + 48)),
    }
  }
  throw new Error('it has no directory: the file is cut off, or no zip archive')
}

/** Entries that share bytes are how small archives become huge ones. */
function checkApart(ranges: { from: number; to: number; name: string }[]): void {
  ranges.sort((a, b) => a.from - b.from)
  ranges.forEach((range, at) => {
    const before = ranges[at - 1]
    if (before && range.from < before.to) throw new Error(`'${before.name}' and '${range.name}' overlap`)
  })
}
