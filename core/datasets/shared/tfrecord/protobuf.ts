/**
 * As much of protocol buffers' wire format as tf.train.Example needs: fields are met one by one and nothing is copied.
 * @source https://protobuf.dev/programming-guides/encoding
 */

/** A field as it is met, and where its value lies. Fixed 32 and 64 bits count as bytes. */
export interface Field {
  number: number
  isVarint: boolean
  from: number
  to: number
}

/** Thrown for bytes that are no message; whoever reads the record says where. */
export class MalformedMessage extends Error {}

/** Reads the fields of one message. The same `field` is filled again and again. */
export class FieldReader {
  readonly field: Field = { number: 0, isVarint: false, from: 0, to: 0 }
  private readonly bytes: Uint8Array
  private at: number
  private readonly end: number

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes
    this.at = from
    this.end = to
  }

  /** Whether there was another field. @throws MalformedMessage */
  next(): boolean {
    if (this.at >= this.end) return false
    const { field } = this
    const key = this.varint()
    field.number = Math.floor(key / 8)
    const wire = key % 8
    field.isVarint = wire === 0
    if (wire === 0) {
      field.from = this.at
      this.varint()
      field.to = this.at
      return true
    }
    const length = wire === 2 ? this.varint() : wire === 5 ? 4 : wire === 1 ? 8 : -1
    if (length < 0 || length > this.end - this.at) throw new MalformedMessage('a field of it has no end')
    field.from = this.at
    field.to = this.at += length
    return true
  }

  /** A number without its sign; beyond 2⁵³ it is rounded. */
  private varint(): number {
    const { bytes, end } = this
    let value = 0
    for (let scale = 1; this.at < end && scale < 2 ** 70; scale *= 128) {
      const byte = bytes[this.at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new MalformedMessage('a number of it has no end')
  }
}

/** 64-bit integers, one after the other: negative ones are two's complement; beyond 2⁵³ they are rounded. @throws MalformedMessage */
export function readVarints(bytes: Uint8Array, from: number, to: number): number[] {
  const values: number[] = []
  for (let at = from; at < to;) {
    let end = at
    while (end < to && (bytes[end] as number) > 127) end++
    if (end >= to || end - at > 9) throw new MalformedMessage('a number of it has no end')
    values.push(toNumber(bytes.subarray(at, end + 1)))
    at = end + 1
  }
  return values
}

function toNumber(digits: Uint8Array): number {
  let value = 0n
  for (let at = digits.length - 1; at >= 0; at--) value = (value << 7n) | BigInt((digits[at] as number) & 127)
  return Number(BigInt.asIntN(64, value))
}

/** Bytes of a varint. @param value an integer, 0 to 2⁵³ − 1 */
export function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return [...bytes, value]
}

/** A field of bytes as parts to be joined: key, length, contents. */
export function bytesField(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [Uint8Array.from([...varint(number * 8 + 2), ...varint(length)]), ...parts]
}
