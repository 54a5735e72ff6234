/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes without holes.
 *
 * @source https://github.com/huggingface/safetensors, README and safetensors/src/tensor.rs. The reader refuses what the reference
 * refuses, and also repeated keys.
 */
import { AppError } from '../errors/index.ts'
import { parseStrictJson, type StrictJson } from './strictJson.ts'

const bytesOf = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}
export type Dtype = keyof typeof bytesOf

const maxHeaderBytes = 100_000_000
const metadataKey = '__metadata__'

/** A tensor of a file; `bytes` is a view of the file's memory. */
export interface StoredTensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/** Name and shape of a tensor to be written; its elements have four bytes. */
export interface TensorHeader {
  readonly name: string
  readonly shape: readonly number[]
  /** F32 when left out. */
  readonly dtype?: 'F32' | 'I32'
}

/**
 * The bytes that stand before the tensors of a file, in the order given.
 * @param metadata strings only, as the format asks.
 */
export function safetensorsHeader(
  tensors: readonly TensorHeader[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0
  const entries = tensors.map(({ name, shape, dtype = 'F32' }) => {
    const begin = offset
    offset += elementCount(shape) * bytesOf.F32
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const
  })
  const names = new Set(tensors.map(({ name }) => name))
  if (names.size !== tensors.length || names.has(metadataKey)) throw new Error('Tensor names must be unique')
  // Object.fromEntries would lose a tensor named __proto__, so the object is written by hand.
  const members = [[metadataKey, metadata] as const, ...entries]
  const json = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  const text = Buffer.from(json, 'utf8')
  // Spaces bring the tensors to a multiple of eight bytes, so that they can be mapped into memory.
  const paddedLength = Math.ceil(text.length / 8) * 8
  const bytes = Buffer.alloc(8 + paddedLength, ' ')
  bytes.writeBigUInt64LE(BigInt(paddedLength), 0)
  text.copy(bytes, 8)
  return bytes
}

/** Bytes of a whole file. */
export function safetensorsSize(header: Uint8Array, tensors: readonly TensorHeader[]): number {
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape) * bytesOf.F32, header.length)
}

/**
 * Reads a file's bytes.
 * @param where the file, for messages.
 * @throws AppError checkpoint-damaged naming the file and the fault.
 */
export function parseSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const fail = (problem: string): never => {
    throw new AppError('checkpoint-damaged', `${where}: not a valid safetensors file: ${problem}`, {
      file: where,
      problem,
    })
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < 8) return fail(`expected at least 8 bytes, got ${buffer.length}`)
  const headerLength = buffer.readBigUInt64LE(0)
  if (headerLength > BigInt(maxHeaderBytes))
    return fail(`the header is ${headerLength} bytes, at most ${maxHeaderBytes} allowed`)
  const dataStart = 8 + Number(headerLength)
  if (dataStart > buffer.length)
    return fail(`the header ends at byte ${dataStart}, the file at ${buffer.length}`)
  const header = parseHeader(buffer.subarray(8, dataStart), fail)
  const metadata = parseMetadata(header.get(metadataKey), fail)
  const data = buffer.subarray(dataStart)
  const tensors = new Map<string, StoredTensor>()
  const ranges: { name: string; begin: number; end: number }[] = []
  for (const [name, entry] of header) {
    if (name === metadataKey) continue
    const { dtype, shape, begin, end } = parseEntry(name, entry, fail)
    if (end > data.length) fail(`tensor '${name}' ends at byte ${end}, the data at ${data.length}`)
    ranges.push({ name, begin, end })
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) })
  }
  checkContiguous(ranges, data.length, fail)
  return { tensors, metadata }
}

type Fail = (problem: string) => never

function parseHeader(bytes: Buffer, fail: Fail): ReadonlyMap<string, StrictJson> {
  if (bytes[0] !== 0x7b) fail("the header does not start with '{'")
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const header = parseStrictJson(text)
    return header instanceof Map ? header : fail('the header is not an object')
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    return fail(`its header is not valid: ${(thrown as Error).message}`)
  }
}

function parseMetadata(value: StrictJson | undefined, fail: Fail): ReadonlyMap<string, string> {
  if (value === undefined) return new Map()
  if (!(value instanceof Map)) return fail(`${metadataKey} is not an object`)
  for (const text of value.values())
    if (typeof text !== 'string') fail(`${metadataKey} holds something other than strings`)
  return value as ReadonlyMap<string, string>
}

interface Entry {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function parseEntry(name: string, value: StrictJson, fail: Fail): Entry {
  if (!(value instanceof Map) || value.size !== 3)
    return fail(`tensor '${name}' must have dtype, shape and data_offsets alone`)
  const dtype = value.get('dtype')
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesOf, dtype))
    return fail(`tensor '${name}' has the unknown dtype ${String(dtype)}`)
  const shape = sizes(value.get('shape')) ?? fail(`tensor '${name}' has no valid shape`)
  const offsets = sizes(value.get('data_offsets'))
  if (offsets?.length !== 2) return fail(`tensor '${name}' has no valid data_offsets`)
  const [begin, end] = offsets as [number, number]
  const size = elementCount(shape) * bytesOf[dtype as Dtype]
  if (!Number.isSafeInteger(size)) fail(`the size of tensor '${name}' overflows`)
  if (end - begin !== size) fail(`tensor '${name}' has ${end - begin} bytes, its shape asks for ${size}`)
  return { dtype: dtype as Dtype, shape, begin, end }
}

/** Non-negative integers that a double holds exactly; undefined for anything else. */
function sizes(value: StrictJson | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list = value as readonly StrictJson[]
  return list.every(size => Number.isSafeInteger(size) && (size as number) >= 0 && !Object.is(size, -0))
    ? (list as number[])
    : undefined
}

/** Product of the sizes; not a safe integer when it overflows. */
function elementCount(shape: readonly number[]): number {
  if (shape.includes(0)) return 0
  return shape.reduce((product, size) => (Number.isSafeInteger(product) ? product * size : NaN), 1)
}

function checkContiguous(
  ranges: { name: string; begin: number; end: number }[],
  length: number,
  fail: Fail,
): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let expected = 0
  for (const { name, begin, end } of ranges) {
    if (begin !== expected) fail(`tensor '${name}' begins at byte ${begin} of the data, expected ${expected}`)
    expected = end
  }
  if (expected !== length) fail(`its tensors end at byte ${expected} of the data, the file at ${length}`)
}
