/**
 * As much of Protocol Buffers' wire format as writing a message needs. A message is a list of parts whose sizes are known before
 * their bytes are read, so that a large file is written from one tensor at a time.
 *
 * @source https://protobuf.dev/programming-guides/encoding
 */
import type { WritePart } from '../writeParts.ts'

type Part = WritePart
export type Message = readonly Part[]

const wire = { varint: 0, bytes: 2, fixed32: 5 } as const

/** An integer field; negative ones take ten bytes, as int64 does. */
export function int(field: number, value: number | bigint): Part {
  return known([...varint(tag(field, wire.varint)), ...varint(value)])
}

export function float(field: number, value: number): Part {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return known([...varint(tag(field, wire.fixed32)), ...bytes])
}

export function text(field: number, value: string): Part {
  const bytes = Buffer.from(value, 'utf8')
  return known([...head(field, bytes.length), ...bytes])
}

/** Bytes that are read when it is their turn. @param size how many `read` will give. */
export function bytes(field: number, size: number, read: () => Uint8Array): Message {
  return [known(head(field, size)), { size, read }]
}

/** A message within a message. */
export function nested(field: number, message: Message): Message {
  return [known(head(field, sizeOf(message))), ...message]
}

export function sizeOf(message: Message): number {
  return message.reduce((sum, part) => sum + part.size, 0)
}

function known(values: readonly number[]): Part {
  const made = Uint8Array.from(values)
  return { size: made.length, read: () => made }
}

function head(field: number, size: number): number[] {
  return [...varint(tag(field, wire.bytes)), ...varint(size)]
}

function tag(field: number, type: number): number {
  return field * 8 + type
}

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const made: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    made.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return made
}
