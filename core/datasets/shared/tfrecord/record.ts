/**
 * The frame of a TFRecord: length (u64), its masked CRC-32C (u32), that many bytes, their masked CRC-32C (u32); little endian.
 * @source tensorflow/core/lib/io/record_writer.h
 */
import { maskedCrc32c } from './crc32c.ts'

/** Bytes before the contents of a record, and after. */
export const headBytes = 12
export const tailBytes = 4
/** Contents of the largest record that is read: a photograph of 100 million pixels is smaller. */
export const largestRecord = 2 ** 28

/** What the head of a record says, or what is wrong with it. */
export type Head = { readonly length: number } | { readonly problem: string }

/**
 * Reads a head. Nothing must be allocated for a record whose head is wrong.
 * @param bytes `headBytes` or more
 * @param left bytes of the file after the head
 */
export function readHead(bytes: Uint8Array, at: number, left: number): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headBytes)
  if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(at, at + 8)))
    return { problem: 'its length fails its checksum' }
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (length > largestRecord)
    return { problem: `it claims ${length} bytes, more than the ${largestRecord} that are read` }
  if (length + tailBytes > left)
    return { problem: `it is cut short: ${length + tailBytes} bytes are to follow, ${left} do` }
  return { length }
}

/** Whether a head may stand here: a quick look that spares most checksums in a search for the next record. */
export function mayBeHead(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 4] === 0 && bytes[at + 5] === 0 && bytes[at + 6] === 0 && bytes[at + 7] === 0
}

/** @param stored the four bytes after the contents */
export function contentsMatch(contents: Uint8Array, stored: number): boolean {
  return maskedCrc32c(contents) === stored
}

/** A whole record. @param contents up to `largestRecord` bytes */
export function frameRecord(contents: Uint8Array): Uint8Array {
  const framed = new Uint8Array(headBytes + contents.length + tailBytes)
  const view = new DataView(framed.buffer)
  view.setUint32(0, contents.length, true)
  view.setUint32(8, maskedCrc32c(framed.subarray(0, 8)), true)
  framed.set(contents, headBytes)
  view.setUint32(headBytes + contents.length, maskedCrc32c(contents), true)
  return framed
}
