/**
 * Reads struct arrays of MATLAB level-5 files, as far as ImageNet's `meta.mat` needs it: numbers, text and structs,
 * compressed or not.
 *
 * @source MathWorks: MAT-File Format, level 5
 */
import { inflateSync } from 'node:zlib'
import { AppError } from '../../errors/index.ts'

/** A value of a field: numbers, text, or the elements of a nested struct array. */
export type MatValue = readonly number[] | string | readonly MatStruct[] | null
export type MatStruct = Readonly<Record<string, MatValue>>

interface Element {
  readonly type: number
  readonly data: Buffer
  /** Where the next element begins. */
  readonly next: number
}

const headerBytes = 128
const compressed = 15
const matrix = 14
const largestBytes = 256 * 2 ** 20
const classOf = { struct: 2, char: 4 } as const

/** The variables of a file by name. @throws AppError data-invalid naming the file */
export function readMatFile(file: string, bytes: Buffer): Map<string, MatValue> {
  try {
    if (bytes.toString('latin1', 126, 128) !== 'IM') throw new Error('no little-endian level-5 header')
    const variables = new Map<string, MatValue>()
    for (let at = headerBytes; at < bytes.length;) {
      const outer = elementAt(bytes, at)
      at = outer.next
      const inner =
        outer.type === compressed
          ? elementAt(inflateSync(outer.data, { maxOutputLength: largestBytes }), 0)
          : outer
      if (inner.type !== matrix) continue
      const { name, value } = readMatrix(inner.data)
      variables.set(name, value)
    }
    return variables
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    const message = `${file}: not a MATLAB level-5 file that can be read (${problem}). Take it from ILSVRC2012_devkit_t12.tar.gz`
    throw new AppError('data-invalid', message, { file, problem }, thrown)
  }
}

function elementAt(bytes: Buffer, at: number): Element {
  const first = bytes.readUInt32LE(at)
  const smallLength = first >>> 16
  if (smallLength > 0)
    return { type: first & 0xffff, data: bytes.subarray(at + 4, at + 4 + smallLength), next: at + 8 }
  const length = bytes.readUInt32LE(at + 4)
  const end = at + 8 + length
  if (end > bytes.length) throw new Error('cut short')
  const isPadded = first !== compressed
  return { type: first, data: bytes.subarray(at + 8, end), next: isPadded ? Math.ceil(end / 8) * 8 : end }
}

function readMatrix(bytes: Buffer): { name: string; value: MatValue } {
  if (bytes.length === 0) return { name: '', value: null }
  const flags = elementAt(bytes, 0)
  const dimensions = elementAt(bytes, flags.next)
  const nameElement = elementAt(bytes, dimensions.next)
  const name = nameElement.data.toString('latin1')
  const kind = flags.data.readUInt32LE(0) & 0xff
  const count = numbers(dimensions).reduce((product, length) => product * length, 1)
  if (kind === classOf.struct) return { name, value: readStructs(bytes, nameElement.next, count) }
  if (nameElement.next >= bytes.length) return { name, value: null }
  const content = elementAt(bytes, nameElement.next)
  if (kind === classOf.char) return { name, value: text(content) }
  return { name, value: kind > classOf.char ? numbers(content) : null }
}

function readStructs(bytes: Buffer, at: number, count: number): MatStruct[] {
  const lengthElement = elementAt(bytes, at)
  const fieldLength = lengthElement.data.readUInt32LE(0)
  const namesElement = elementAt(bytes, lengthElement.next)
  const fieldCount = fieldLength > 0 ? namesElement.data.length / fieldLength : 0
  const fields = Array.from({ length: fieldCount }, (_, field) =>
    namesElement.data
      .toString('latin1', field * fieldLength, (field + 1) * fieldLength)
      .replace(/\0.*$/s, ''),
  )
  let next = namesElement.next
  return Array.from({ length: count }, () => {
    const values = fields.map(field => {
      const element = elementAt(bytes, next)
      next = element.next
      return [field, readMatrix(element.data).value] as const
    })
    return Object.fromEntries(values)
  })
}

function text({ type, data }: Element): string {
  if (type === 4 || type === 17) return data.toString('utf16le') // miUINT16, miUTF16
  return data.toString(type === 16 ? 'utf8' : 'latin1') // miUTF8, miINT8, miUINT8
}

function numbers({ type, data }: Element): number[] {
  const read = numberTypes[type]
  if (!read) throw new Error(`numbers of unknown type ${type}`)
  const [width, at] = read
  return Array.from({ length: Math.floor(data.length / width) }, (_, place) => at(data, place * width))
}

/** Width in bytes and reader of each numeric type. */
const numberTypes: Readonly<Record<number, readonly [number, (data: Buffer, at: number) => number]>> = {
  1: [1, (data, at) => data.readInt8(at)],
  2: [1, (data, at) => data.readUInt8(at)],
  3: [2, (data, at) => data.readInt16LE(at)],
  4: [2, (data, at) => data.readUInt16LE(at)],
  5: [4, (data, at) => data.readInt32LE(at)],
  6: [4, (data, at) => data.readUInt32LE(at)],
  7: [4, (data, at) => data.readFloatLE(at)],
  9: [8, (data, at) => data.readDoubleLE(at)],
  12: [8, (data, at) => Number(data.readBigInt64LE(at))],
  13: [8, (data, at) => Number(data.readBigUInt64LE(at))],
}
