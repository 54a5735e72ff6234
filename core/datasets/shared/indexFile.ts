/**
 * What a scan writes and every later process opens: a small JSON header and named blocks of bytes, so that a data set
 * of a million files opens without parsing.
 *
 * Layout, little endian: magic (8 bytes), CRC-32 of everything after itself (u32), header length (u32), header, blocks
 * aligned to 8 bytes.
 */
import { crc32 } from 'node:zlib'
import { AppError } from '../../errors/index.ts'

/** The blocks of an index by name. */
export type IndexBlocks = Readonly<Record<string, Uint8Array | Int32Array>>

export interface OpenIndex<Header> {
  readonly header: Header
  /** The bytes of a block; a view, not a copy. */
  bytes(name: string): Uint8Array
  /** A block of 32-bit integers; a view, not a copy. */
  integers(name: string): Int32Array
}

const magic = 'MGWIDX01'
const prefixBytes = 16
const aligned = (length: number): number => Math.ceil(length / 8) * 8

/**
 * Packs an index.
 * @param format the reader's name: an index of another format is refused
 * @param header plain JSON
 */
export function packIndex(format: string, header: unknown, blocks: IndexBlocks): Uint8Array {
  const named = Object.entries(blocks).map(([name, block]) => ({ name, bytes: asBytes(block) }))
  const lengths = named.map(({ name, bytes }) => [name, bytes.length])
  const text = Buffer.from(JSON.stringify({ format, header, blocks: lengths }))
  const total = named.reduce(
    (sum, { bytes }) => sum + aligned(bytes.length),
    prefixBytes + aligned(text.length),
  )
  const packed = Buffer.alloc(total)
  packed.write(magic, 'latin1')
  packed.writeUInt32LE(text.length, 12)
  text.copy(packed, prefixBytes)
  let offset = prefixBytes + aligned(text.length)
  for (const { bytes } of named) {
    packed.set(bytes, offset)
    offset += aligned(bytes.length)
  }
  packed.writeUInt32LE(crc32(packed.subarray(12)), 8)
  return packed
}

/**
 * Opens an index.
 * @param format the reader's name
 * @throws AppError data-invalid when it is damaged or of another format; the remedy is a new scan.
 */
export function unpackIndex<Header>(format: string, index: Uint8Array): OpenIndex<Header> {
  const packed = Buffer.from(index.buffer, index.byteOffset, index.byteLength)
  if (packed.length < prefixBytes || packed.toString('latin1', 0, 8) !== magic)
    throw damaged(format, 'no index')
  if (crc32(packed.subarray(12)) !== packed.readUInt32LE(8)) throw damaged(format, 'wrong checksum')
  const textBytes = packed.readUInt32LE(12)
  const text = JSON.parse(packed.toString('utf8', prefixBytes, prefixBytes + textBytes)) as {
    format: string
    header: Header
    blocks: [string, number][]
  }
  if (text.format !== format) throw damaged(format, `an index of '${text.format}'`)
  const places = new Map<string, Uint8Array>()
  let offset = prefixBytes + aligned(textBytes)
  for (const [name, length] of text.blocks) {
    places.set(name, packed.subarray(offset, offset + length))
    offset += aligned(length)
  }
  const bytes = (name: string): Uint8Array => {
    const found = places.get(name)
    if (!found) throw damaged(format, `no block '${name}'`)
    return found
  }
  return { header: text.header, bytes, integers: name => asIntegers(bytes(name)) }
}

function asBytes(block: Uint8Array | Int32Array): Uint8Array {
  return new Uint8Array(block.buffer, block.byteOffset, block.byteLength)
}

/** A view where the alignment allows it: Node's pooled buffers may begin anywhere. */
function asIntegers(bytes: Uint8Array): Int32Array {
  if (bytes.byteOffset % 4 === 0) return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return new Int32Array(Uint8Array.from(bytes).buffer)
}

function damaged(format: string, problem: string): AppError {
  return new AppError(
    'data-invalid',
    `The index of this ${format} data set is damaged (${problem}). Scan the data set again`,
    {
      format,
      problem,
      remedy: 'rescan',
    },
  )
}
