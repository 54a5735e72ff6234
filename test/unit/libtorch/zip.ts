/** Zip archives made by hand, so that they can be wrong in every way. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Part {
  readonly name: string
  readonly text: string
  /** Of Unix: type and permissions; a plain file when left out. */
  readonly mode?: number
  readonly isStored?: boolean
  /** What the directory claims instead of the truth. */
  readonly claimedSize?: number
  readonly claimedCrc?: number
  /** Says its sizes in the extra field, as archives beyond 4 GB do. */
  readonly isWide?: boolean
}

export function zip(parts: readonly Part[]): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const part of parts) {
    const { name, text, mode = 0o100644, isStored = false, isWide = false } = part
    const data = Buffer.from(text)
    const packed = isStored ? data : deflateRawSync(data)
    const crc = part.claimedCrc ?? crc32(data)
    const size = part.claimedSize ?? data.length
    const local = header('PK\x03\x04', 30, name)
    local.writeUInt16LE(isStored ? 0 : 8, 8)
    locals.push(local, packed)
    const extra = isWide ? wide([size, packed.length, offset]) : Buffer.alloc(0)
    const entry = header('PK\x01\x02', 46, name)
    entry[5] = 3
    entry.writeUInt16LE(isStored ? 0 : 8, 10)
    entry.writeUInt32LE(crc, 16)
    entry.writeUInt32LE(isWide ? 0xffffffff : packed.length, 20)
    entry.writeUInt32LE(isWide ? 0xffffffff : size, 24)
    entry.writeUInt16LE(extra.length, 30)
    entry.writeUInt32LE((mode << 16) >>> 0, 38)
    entry.writeUInt32LE(isWide ? 0xffffffff : offset, 42)
    entries.push(entry, extra)
    offset += local.length + packed.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

function header(mark: string, length: number, name: string): Buffer {
  const bytes = Buffer.alloc(length + Buffer.byteLength(name))
  bytes.write(mark, 'latin1')
  bytes.writeUInt16LE(Buffer.byteLength(name), length === 30 ? 26 : 28)
  bytes.write(name, length)
  return bytes
}

function wide(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length)
  field.writeUInt16LE(1, 0)
  field.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, place) => field.writeBigUInt64LE(BigInt(value), 4 + 8 * place))
  return field
}
