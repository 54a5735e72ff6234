/** JPEG files that are damaged or lie: the outcome is the one that sharp gives, with its words, and memory stays small. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jpegHeader } from '../../../core/data/jpeg/header.ts'
import { readFixture } from '../../fixtures/images/formula.ts'
import { made, meanDifference, photograph, prepared, withoutAddon, type Look } from './jpegFixtures.ts'

const look: Look = {
  transforms: [{ name: 'random-resized-crop' }, { name: 'horizontal-flip' }],
  width: 32,
  height: 32,
  channels: 3,
}
const whole: Look = { ...look, transforms: [{ name: 'resize-exact' }] }

/** Both decoders say the same of a file: the same problem, or images that look the same. */
async function judgedAlike(bytes: Uint8Array, what: string, looks = [look, whole]): Promise<string | null> {
  let problem: string | null = null
  for (const each of looks) {
    const native = await prepared(bytes, 'native', each)
    const bySharp = await prepared(bytes, 'sharp', each)
    assert.equal(native.problem, bySharp.problem, what)
    if (native.image && bySharp.image)
      assert.ok(meanDifference(native.image, bySharp.image) <= 2, `${what}: another image`)
    problem = native.problem
  }
  return problem
}

/** A copy with some bytes changed. */
function changed(bytes: Uint8Array, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

/** Where the frame header says the size. */
function frameAt(bytes: Uint8Array): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return [0xc0, 0xc2].map(kind => view.indexOf(Buffer.from([0xff, kind]))).find(at => at > 0) as number
}

function withSize(bytes: Uint8Array, width: number, height: number): Buffer {
  return changed(bytes, copy => {
    copy.writeUInt16BE(height, frameAt(bytes) + 5)
    copy.writeUInt16BE(width, frameAt(bytes) + 7)
  })
}

function scanAt(bytes: Buffer): number {
  return bytes.indexOf(Buffer.from([0xff, 0xda])) + 14
}

const baseline = await photograph({ quality: 80 }, { width: 160, height: 120 })
const progressive = await photograph({ quality: 80, progressive: true }, { width: 160, height: 120 })
const kinds = { baseline, progressive }

describe('a damaged JPEG', { skip: withoutAddon }, () => {
  for (const [kind, file] of Object.entries(kinds)) {
    it(`that is cut short is bad, wherever it ends: ${kind}`, async () => {
      for (let length = 0; length < file.length - 2; length += 61) {
        const problem = await judgedAlike(file.subarray(0, length), `${length} of ${file.length} bytes`)
        assert.match(problem ?? '', length === 0 ? /empty file/ : /cut short|damaged|not a JPEG/)
      }
      await judgedAlike(file.subarray(0, file.length - 1), 'all but the last byte')
      await judgedAlike(file.subarray(0, file.length - 2), 'all but the end mark')
    })

    it(`is bad when a beginning of it looks finished: an end mark in its header, ${kind}`, async () => {
      const comment = Buffer.from([0xff, 0xfe, 0x00, 0x06, 0xff, 0xd9, 0xff, 0xd9])
      const marked = Buffer.concat([file.subarray(0, 2), comment, file.subarray(2)])
      assert.equal(await judgedAlike(marked, 'whole'), null)
      const cut = marked.subarray(0, Math.floor(marked.length * 0.6))
      assert.ok(await judgedAlike(cut, 'cut'))
    })

    it(`is judged alike with garbage among its data: ${kind}`, async () => {
      const start = scanAt(file)
      for (let round = 0; round < 40; round++) {
        const at = start + Math.floor(((file.length - start - 20) * round) / 40)
        const garbage = changed(file, copy => copy.fill(round * 6 + 1, at, at + 12))
        await judgedAlike(garbage, `garbage at ${at}`, [whole])
      }
    })

    it(`is judged alike with damaged tables: ${kind}`, async () => {
      for (const segment of [0xc4, 0xdb]) {
        const from = file.indexOf(Buffer.from([0xff, segment]))
        for (let at = from + 2; at < from + 40; at += 3)
          for (const value of [0, 0x7f, 0xff])
            await judgedAlike(
              changed(file, copy => copy.writeUInt8(value, at)),
              `${value} in table ${segment} at ${at - from}`,
              [whole],
            )
      }
    })
  }

  it('without tables is not decoded with those of the file before', async () => {
    const from = baseline.indexOf(Buffer.from([0xff, 0xdb]))
    const length = 2 + baseline.readUInt16BE(from + 2)
    const without = Buffer.concat([baseline.subarray(0, from), baseline.subarray(from + length)])
    assert.ok(made(baseline))
    assert.equal(made(without), null)
    assert.ok(await judgedAlike(without, 'no tables'))
  })
})

describe('a JPEG whose header lies', { skip: withoutAddon }, () => {
  it('about a huge size is bad and takes no memory', async () => {
    const before = process.memoryUsage().rss
    for (const file of Object.values(kinds)) {
      const problem = await judgedAlike(withSize(file, 65_500, 65_500), 'huge')
      assert.match(problem ?? '', /65500 × 65500 pixels, more than 100 million/)
    }
    assert.ok(process.memoryUsage().rss - before < 300e6)
  })

  it('about its size is judged alike', async () => {
    for (const file of Object.values(kinds)) {
      for (const [width, height] of [
        [160, 4000],
        [1600, 1200],
        [150, 120],
        [160, 8],
        [1, 1],
        [2000, 1],
      ] as const) {
        const lying = withSize(file, width, height)
        const size = jpegHeader(lying)
        assert.deepEqual([size?.width, size?.height], [width, height])
        await judgedAlike(lying, `${width} × ${height}`, [whole])
      }
      assert.equal(jpegHeader(withSize(file, 0, 120)), null)
      assert.ok(await judgedAlike(withSize(file, 0, 120), 'no width'))
    }
  })

  it('about its components or precision is judged alike', async () => {
    for (const file of Object.values(kinds)) {
      const frame = frameAt(file)
      for (const [offset, values] of [
        [4, [1, 12, 16]],
        [9, [0, 1, 2, 4, 255]],
        [11, [0, 0x12, 0x41, 0x44, 0xff]],
        [14, [0x00, 0x12, 0x22, 0x33]],
        [12, [0, 3, 7]],
      ] as const)
        for (const value of values)
          await judgedAlike(
            changed(file, copy => copy.writeUInt8(value, frame + offset)),
            `${value} at ${offset} of the frame`,
            [whole],
          )
    }
  })

  it('about where it ends is judged alike', async () => {
    const padded = Buffer.concat([baseline, Buffer.alloc(100_000, 0x20)])
    await judgedAlike(padded, 'a long tail')
    await judgedAlike(Buffer.concat([baseline, baseline]), 'twice')
    await judgedAlike(await readFixture('truncated.jpg'), 'truncated.jpg')
  })
})
