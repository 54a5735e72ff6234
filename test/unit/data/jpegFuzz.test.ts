/**
 * Thousands of broken files through the JPEG addon: each is decoded or left to sharp, always in the same way, and nothing
 * else happens. `node test/unit/data/jpegFuzz.test.ts ROUNDS` does more of it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomStream } from '../../../core/data/random.ts'
import { jpegHeader } from '../../../core/data/jpeg/header.ts'
import { readFixture } from '../../fixtures/images/formula.ts'
import { made, photograph, withoutAddon } from './jpegFixtures.ts'

const rounds = Number(process.argv[2] ?? 600)

const files = {
  'baseline 4:2:0': await photograph({ quality: 70 }, { width: 96, height: 72 }),
  '4:4:4': await photograph({ quality: 70, chromaSubsampling: '4:4:4' }, { width: 81, height: 63 }),
  progressive: await photograph({ quality: 70, progressive: true }, { width: 96, height: 72 }),
  grey: await photograph({ quality: 70 }, { width: 96, height: 72, isGrey: true }),
  turned: await photograph({ quality: 70 }, { width: 96, height: 72, orientation: 6 }),
  '4:2:2': await readFixture('photo-422.jpg'),
}

describe('the JPEG addon among broken files', { skip: withoutAddon }, () => {
  for (const [kind, file] of Object.entries(files)) {
    it(`decodes or leaves each: ${kind}`, { timeout: 120_000 }, () => {
      const before = process.memoryUsage().rss
      const outcomes = { decoded: 0, left: 0 }
      for (let round = 0; round < rounds; round++) {
        const draw = randomStream(7, 0, round, 0)
        const broken = mutated(file, draw)
        const header = jpegHeader(broken)
        if (!header || header.width * header.height > 4e6) {
          outcomes.left++
          continue
        }
        const geometry = randomGeometry(header, draw)
        const first = made(broken, geometry)
        if (round % 10 === 0) assert.deepEqual(made(broken, geometry), first, `round ${round}`)
        outcomes[first ? 'decoded' : 'left']++
      }
      assert.ok(outcomes.decoded > rounds / 50 && outcomes.left > rounds / 50, JSON.stringify(outcomes))
      assert.ok(process.memoryUsage().rss - before < 400e6)
    })
  }
})

/** Some bytes changed, a piece doubled or removed, or the end cut off. */
function mutated(file: Buffer, draw: () => number): Buffer {
  const at = () => Math.floor(draw() * file.length)
  const kind = draw()
  if (kind < 0.1) return Buffer.from(file.subarray(0, at()))
  if (kind < 0.2) {
    const [from, to] = [at(), at()].sort((one, other) => one - other) as [number, number]
    return Buffer.concat([file.subarray(0, to), file.subarray(from)])
  }
  if (kind < 0.3) {
    const from = at()
    return Buffer.concat([file.subarray(0, from), file.subarray(from + 1 + Math.floor(draw() * 20))])
  }
  const copy = Buffer.from(file)
  // Half of the changes hit the header, which is the smaller part.
  const reach = draw() < 0.5 ? Math.min(700, file.length) : file.length
  for (let count = 1 + Math.floor(draw() * 6); count > 0; count--)
    copy[Math.floor(draw() * reach)] = draw() < 0.3 ? 0xff : Math.floor(draw() * 256)
  return copy
}

function randomGeometry(header: { width: number; height: number; orientation: number }, draw: () => number) {
  const isTurned = header.orientation >= 5
  const [wide, high] = isTurned ? [header.height, header.width] : [header.width, header.height]
  const part = (whole: number) => {
    const length = 1 + Math.floor(draw() * whole)
    return { from: Math.floor(draw() * (whole - length + 1)), length }
  }
  const [across, down] = [part(wide), part(high)]
  const [width, height] = [1 + Math.floor(draw() * 40), 1 + Math.floor(draw() * 40)]
  const [columns, rows] = [part(width), part(height)]
  return {
    box: { x: across.from, y: down.from, width: across.length, height: down.length },
    width,
    height,
    window: { x: columns.from, y: rows.from, width: columns.length, height: rows.length },
    isMirrored: draw() < 0.5,
    mayScale: draw() < 0.5,
  }
}
