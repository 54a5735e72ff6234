import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { parseSafetensors, safetensorsHeader } from '../../../core/checkpoints/safetensors.ts'

/** A file from any header text and number of data bytes. */
function file(header: string | Buffer, dataBytes = 0, declared?: bigint): Buffer {
  const text = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(declared ?? BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(dataBytes, 7)])
}

function tensor(begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = 'F32'): string {
  return JSON.stringify({ dtype, shape, data_offsets: [begin, end] })
}

const tensors = [
  { name: 'layer1.0.conv1.weight', shape: [2, 3], values: [1, 2, 3, 4, 5, -0] },
  { name: '__proto__', shape: [], values: [Number.MIN_VALUE] },
  { name: 'empty', shape: [0, 4], values: [] },
  { name: 'é"\\', shape: [1, 1, 2], values: [NaN, -Infinity] },
]

function written(): Buffer {
  const data = tensors.map(({ values }) => Buffer.from(Float32Array.from(values).buffer))
  return Buffer.concat([safetensorsHeader(tensors, { format: 'pt' }), ...data])
}

function floats(bytes: Uint8Array): number[] {
  return [...new Float32Array(new Uint8Array(bytes).buffer)]
}

describe('safetensors', () => {
  it('reads back what it writes, whatever the names', () => {
    const found = parseSafetensors(written(), 'file')
    assert.deepEqual([...found.metadata], [['format', 'pt']])
    assert.deepEqual(
      [...found.tensors.keys()],
      tensors.map(({ name }) => name),
    )
    for (const { name, shape, values } of tensors) {
      const { shape: foundShape, dtype, bytes } = found.tensors.get(name)!
      assert.equal(dtype, 'F32')
      assert.deepEqual(foundShape, shape)
      assert.deepEqual(Buffer.from(bytes), Buffer.from(Float32Array.from(values).buffer))
    }
  })

  it('reads a file that Python wrote from the description of the format', () => {
    const path = new URL('../../fixtures/training/tiny.safetensors', import.meta.url)
    const { tensors: found, metadata } = parseSafetensors(readFileSync(path), 'tiny.safetensors')
    assert.deepEqual([...metadata], [['format', 'pt']])
    const weight = found.get('fc.weight')!
    assert.deepEqual([weight.dtype, weight.shape], ['F32', [2, 3]])
    assert.deepEqual(floats(weight.bytes), [0.5, -1.25, 3, Math.fround(1e-30), -0, 65504])
    const count = found.get('bn1.num_batches_tracked')!
    assert.deepEqual([count.dtype, count.shape], ['I64', []])
    assert.equal(Buffer.from(count.bytes).readBigInt64LE(), 12345678901n)
  })

  it('writes the header that the description asks for', () => {
    const bytes = written()
    const length = Number(bytes.readBigUInt64LE(0))
    assert.equal(length % 8, 0)
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      Record<string, unknown>
    >
    assert.deepEqual(header['layer1.0.conv1.weight'], { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] })
    assert.deepEqual(header['empty']!['data_offsets'], [28, 28])
    assert.deepEqual(floats(bytes.subarray(8 + length, 8 + length + 24)), [1, 2, 3, 4, 5, -0])
    assert.equal(bytes.length, 8 + length + 36)
  })

  const refused: Record<string, [Buffer, RegExp]> = {
    'an empty file': [Buffer.alloc(0), /at least 8 bytes/],
    'a header longer than the file': [file('{}', 0, 100n), /header ends at byte 108/],
    'a header above the cap': [file('{}', 0, 100_000_001n), /at most 100000000/],
    'a header length beyond what a double holds': [file('{}', 0, 2n ** 64n - 1n), /at most 100000000/],
    'a header that begins with a space': [file(' {}'), /does not start with/],
    'a header that is a list': [file('[]'), /does not start with/],
    'a header that is not UTF-8': [
      file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      /header is not valid/,
    ],
    'text after the header': [file('{}x'), /expected the end/],
    'a cut header': [file('{"a":'), /expected a value/],
    'deep nesting': [file(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`), /levels/],
    'a repeated name': [file(`{"a":${tensor(0, 4)},"a":${tensor(0, 4)}}`, 4), /each key once/],
    'a repeated field': [
      file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      /each key once/,
    ],
    'an unknown dtype': [file(`{"a":${tensor(0, 4, [1], 'F31')}}`, 4), /unknown dtype F31/],
    'a dtype that every object has': [file(`{"a":${tensor(0, 4, [1], 'constructor')}}`, 4), /unknown dtype/],
    'a field too many': [file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4), /alone/],
    'a negative size': [file(`{"a":${tensor(0, 4, [-1])}}`, 4), /no valid shape/],
    'a fractional size': [file(`{"a":${tensor(0, 4, [0.5])}}`, 4), /no valid shape/],
    'a size that overflows': [file(`{"a":${tensor(0, 4, [2 ** 40, 2 ** 40])}}`, 4), /overflows|asks for/],
    'a size above 2^53': [
      file('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4),
      /no valid shape/,
    ],
    'a shape that disagrees with the bytes': [file(`{"a":${tensor(0, 4, [2])}}`, 4), /asks for 8/],
    'offsets that run backwards': [file(`{"a":${tensor(4, 0, [1])}}`, 4), /asks for 4/],
    'a hole before the first tensor': [file(`{"a":${tensor(4, 8)}}`, 8), /expected 0/],
    'a hole between tensors': [file(`{"a":${tensor(0, 4)},"b":${tensor(8, 12)}}`, 12), /begins at byte 8/],
    'tensors that overlap': [file(`{"a":${tensor(0, 8)},"b":${tensor(4, 12)}}`, 12), /begins at byte 4/],
    'tensors that share a range': [file(`{"a":${tensor(0, 4)},"b":${tensor(0, 4)}}`, 4), /begins at byte 0/],
    'data after the last tensor': [file(`{"a":${tensor(0, 4)}}`, 5), /the file at 5/],
    'data that ends early': [file(`{"a":${tensor(0, 8)}}`, 4), /ends at byte 8/],
    'metadata that is not text': [file('{"__metadata__":{"a":1}}'), /other than strings/],
    'metadata that is a list': [file('{"__metadata__":[]}'), /not an object/],
  }
  for (const [what, [bytes, message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseSafetensors(bytes, '/some/file'),
        (error: unknown) => {
          assert.ok(error instanceof AppError)
          assert.equal(error.code, 'checkpoint-damaged')
          assert.match(error.message, /^\/some\/file: not a valid safetensors file: /)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  it('answers any bytes with tensors or with checkpoint-damaged', () => {
    const valid = written()
    let random = 12345
    const next = (below: number): number => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0
      return Math.floor((random / 2 ** 32) * below)
    }
    let refusedCount = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(valid.subarray(0, next(10) === 0 ? next(valid.length) : valid.length))
      for (let change = next(4); change >= 0 && bytes.length > 0; change--)
        bytes[next(bytes.length)] = next(256)
      try {
        parseSafetensors(bytes, 'file')
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'checkpoint-damaged', String(error))
        refusedCount++
      }
    }
    assert.ok(refusedCount > 1000)
  })
})
