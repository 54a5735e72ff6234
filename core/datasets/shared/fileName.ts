/** File names as they are: bytes. They are shown as text, and kept as bytes. */
import { isUtf8 } from 'node:buffer'

/** The bytes of a name as the characters 0 to 255 of a string: a million of them need little memory. */
export type ByteString = string

/**
 * A name to show: bytes that are not UTF-8 and control characters are escaped (`a\xff.jpg`).
 * @param name bytes of a name or path
 */
export function shownName(name: Uint8Array | ByteString): string {
  const bytes = asBuffer(name)
  const text = isUtf8(bytes) ? bytes.toString('utf8') : escapeHighBytes(bytes)
  return text.replace(/[\0-\x1f\x7f]/g, character => hex(character.charCodeAt(0)))
}

/** Joins parts of a path; empty parts are left out. */
export function joinPath(...parts: readonly (Uint8Array | ByteString)[]): Buffer {
  const filled = parts.filter(part => part.length > 0).map(asBuffer)
  return Buffer.concat(filled.flatMap((part, at) => (at === 0 ? [part] : [separator, part])))
}

const separator = Buffer.from('/')

function asBuffer(name: Uint8Array | ByteString): Buffer {
  if (typeof name === 'string') return Buffer.from(name, 'latin1')
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength)
}

function escapeHighBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, character => hex(character.charCodeAt(0)))
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}
