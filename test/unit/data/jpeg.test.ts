/** The JPEG addon beside Pillow, beside sharp, and beside itself: whatever it leaves undecoded must not show. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomStream } from '../../../core/data/random.ts'
import { resample, type Box } from '../../../core/transforms/shared/resample.ts'
import type { Image } from '../../../core/transforms/shared/transform.ts'
import { readFixture, readJson } from '../../fixtures/images/formula.ts'
import {
  binding,
  made,
  meanDifference,
  photograph,
  prepared,
  withoutAddon,
  type Look,
} from './jpegFixtures.ts'

interface Photos {
  readonly side: number
  readonly shorterSide: number
  readonly cases: readonly {
    readonly name: string
    readonly kind: 'crop' | 'eval'
    readonly box?: readonly [number, number, number, number]
    readonly data: string
  }[]
}

const photos = await readJson<Photos>('photos.json')
/** Grey levels, on average over an image. */
const mostUnscaled = 1
const mostScaled = 2

const random = (scaledDecoding: boolean): Look => ({
  transforms: [{ name: 'random-resized-crop', options: { scaledDecoding } }, { name: 'horizontal-flip' }],
  width: 64,
  height: 48,
  channels: 3,
})
const evaluation: Look = {
  transforms: [{ name: 'resize', options: { shorterSide: 72 } }, { name: 'center-crop' }],
  width: 64,
  height: 64,
  channels: 3,
}
const exact: Look = { transforms: [{ name: 'resize-exact' }], width: 80, height: 96, channels: 3 }

const kinds: Record<string, Promise<Buffer>> = {
  'as Pillow wrote it': readFixture('photo.jpg'),
  '4:4:4': photograph({ quality: 90, chromaSubsampling: '4:4:4' }),
  '4:2:0': photograph({ quality: 60, chromaSubsampling: '4:2:0' }),
  '4:2:2': readFixture('photo-422.jpg'),
  'of quality 10': photograph({ quality: 10 }),
  progressive: photograph({ progressive: true }),
  'progressive 4:4:4': readFixture('photo-444-progressive.jpg'),
  grey: photograph({ quality: 80 }, { isGrey: true }),
  'of odd size': photograph({ quality: 90 }, { width: 301, height: 217 }),
  'smaller than the result': photograph({ quality: 90 }, { width: 33, height: 41 }),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8].map(orientation => [
      `turned, orientation ${orientation},`,
      photograph({ quality: 85 }, { orientation, width: 250, height: 180 }),
    ]),
  ),
}

describe('the JPEG addon', { skip: withoutAddon }, () => {
  for (const { name, kind, box, data } of photos.cases) {
    it(`gives what torchvision gives of ${name}: ${kind} ${box ?? ''}`, async () => {
      const { side, shorterSide } = photos
      const bytes = await readFixture(name)
      const transforms = [{ name: 'resize', options: { shorterSide } }, { name: 'center-crop' }]
      const [x, y, width, height] = box ?? []
      const image =
        kind === 'eval'
          ? (await prepared(bytes, 'native', { transforms, width: side, height: side, channels: 3 })).image
          : made(bytes, resizedTo({ x, y, width, height } as Box, side, side))
      assert.ok(image)
      const difference = meanDifference(image, Buffer.from(data, 'base64'))
      assert.ok(difference <= mostUnscaled, `differs by ${difference}`)
    })
  }

  for (const [kind, file] of Object.entries(kinds)) {
    it(`gives what sharp gives of a file ${kind}`, async () => {
      const bytes = await file
      const looks = { random: random(false), evaluation, exact, untouched: untouchedLook(bytes) }
      for (const [name, look] of Object.entries(looks)) {
        for (const channels of [3, 1] as const) {
          for (const epoch of name === 'random' ? [0, 1, 2, 3] : [0]) {
            const difference = await bothWays(bytes, { ...look, channels }, epoch)
            assert.ok(difference <= mostUnscaled, `${name}, ${channels} channels: differs by ${difference}`)
          }
        }
      }
    })
  }

  it('stays near sharp when it decodes at a reduced size', async () => {
    let reduced = 0
    for (const [kind, file] of Object.entries(kinds)) {
      const bytes = await file
      for (let epoch = 0; epoch < 8; epoch++) {
        const look = { ...random(true), width: 36, height: 30 }
        const difference = await bothWays(bytes, look, epoch)
        if (difference > (await bothWays(bytes, { ...random(false), width: 36, height: 30 }, epoch)))
          reduced++
        assert.ok(difference <= mostScaled, `${kind}, epoch ${epoch}: differs by ${difference}`)
      }
    }
    assert.ok(reduced > 20, `only ${reduced} were decoded at a reduced size`)
  })

  it('gives the same bits whatever it leaves undecoded', async () => {
    for (const [kind, file] of Object.entries(kinds)) {
      const bytes = await file
      const whole = wholeOf(bytes)
      const draw = randomStream(1, 0, 0, 0)
      for (let round = 0; round < 60; round++) {
        const box = randomBox(whole, draw)
        const [width, height] = [1 + Math.floor(draw() * 70), 1 + Math.floor(draw() * 70)]
        const expected = resample(whole, box, width, height).data
        assert.deepEqual(
          made(bytes, resizedTo(box, width, height)),
          expected,
          `${kind}: ${JSON.stringify(box)}`,
        )
      }
    }
  })

  it('gives the same bits with every kind of vector code', async () => {
    const bytes = await readFixture('photo.jpg')
    for (const channels of [3, 1] as const) {
      for (const side of [5, 37, 64, 131]) {
        for (const isMirrored of [false, true]) {
          const geometry = { ...resizedTo({ x: 31, y: 17, width: 300, height: 290 }, side, side), isMirrored }
          const [first, ...others] = binding().resamplers.map((_, at) => made(bytes, geometry, channels, at))
          assert.ok(first)
          for (const other of others) assert.deepEqual(other, first)
        }
      }
    }
  })

  it('mirrors what it gives', async () => {
    const bytes = await readFixture('photo-422.jpg')
    const geometry = resizedTo({ x: 3, y: 5, width: 150, height: 120 }, 31, 20)
    const plain = made(bytes, geometry)
    const mirrored = made(bytes, { ...geometry, isMirrored: true })
    assert.ok(plain && mirrored)
    for (let y = 0; y < 20; y++)
      for (let x = 0; x < 31; x++)
        for (let c = 0; c < 3; c++)
          assert.equal(mirrored[(y * 31 + 30 - x) * 3 + c], plain[(y * 31 + x) * 3 + c])
  })

  it('leaves steps that move no pixels, and all after them, as they are', async () => {
    const bytes = await readFixture('photo.jpg')
    const jitter = { name: 'color-jitter', options: { hue: 0.1 } }
    const crop = { name: 'random-resized-crop', options: { scaledDecoding: false } }
    const chains = [
      [crop, { name: 'horizontal-flip' }, jitter],
      [jitter, crop],
      [{ name: 'resize', options: { shorterSide: 60 } }, { name: 'pad-and-crop' }],
      [{ name: 'resize', options: { shorterSide: 40 } }, { name: 'center-crop' }],
      [{ name: 'horizontal-flip', options: { probability: 1 } }, { name: 'center-crop' }],
      [{ name: 'center-crop' }],
    ]
    for (const transforms of chains) {
      const difference = await bothWays(bytes, { transforms, width: 50, height: 50, channels: 3 }, 1)
      assert.ok(difference <= mostUnscaled, `${transforms.map(({ name }) => name)}: differs by ${difference}`)
    }
  })

  it('leaves other files to sharp', async () => {
    for (const name of ['rgb.png', 'rgb.webp', 'animated.gif', 'cmyk.jpg', 'cmyk-adobe.jpg']) {
      const bytes = await readFixture(name)
      assert.equal(await bothWays(bytes, exact, 0), 0, name)
    }
  })

  it('refuses plans that cannot be done', async () => {
    const bytes = await readFixture('photo.jpg')
    const { make } = binding()
    const plan = [500, 400, 1, 0, 0, 500, 400, 500, 400, 0, 0, 10, 10, 0, 3, 0]
    const given = (change: Record<number, number>, length = 300) => {
      const numbers = Int32Array.from(plan, (value, at) => change[at] ?? value)
      return () => make(bytes, numbers, new Uint8Array(length))
    }
    assert.equal(given({})(), true)
    const wrong: Record<number, number>[] = [{ 3: 1 }, { 4: -1 }, { 5: 0 }, { 6: 401 }, { 2: 9 }, { 7: 0 }]
    for (const change of [...wrong, { 9: 491 }, { 12: 0 }, { 14: 2 }, { 0: 70_000 }])
      assert.throws(given(change), /plan/, JSON.stringify(change))
    assert.throws(given({}, 299), /expected 300 bytes, got 299/)
    assert.throws(() => make(bytes, new Int32Array(3), new Uint8Array(300)), /Int32Array of 16/)
    assert.equal(given({ 0: 501 })(), false, 'a header that says something else')
  })
})

function resizedTo(box: Box, width: number, height: number) {
  return { box, width, height, window: { x: 0, y: 0, width, height } }
}

/** The image decoded whole, by the addon as well. */
function wholeOf(bytes: Uint8Array): Image & { channels: 3 } {
  const data = made(bytes)
  assert.ok(data)
  const { width, height } = untouchedLook(bytes)
  return { data, width, height, channels: 3 }
}

/** No transforms: the network takes the image as it is. */
function untouchedLook(bytes: Uint8Array): Look {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frame = [0xc0, 0xc2].map(kind => view.indexOf(Buffer.from([0xff, kind]))).find(at => at > 0) as number
  const [height, width] = [view.readUInt16BE(frame + 5), view.readUInt16BE(frame + 7)]
  const orientation = exifOrientation(view)
  return {
    transforms: [],
    channels: 3,
    ...(orientation >= 5 ? { width: height, height: width } : { width, height }),
  }
}

/** As sharp writes it. */
function exifOrientation(view: Buffer): number {
  const at = view.indexOf(Buffer.from([0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00]))
  return at < 0 ? 1 : view.readUInt16LE(at + 8)
}

function randomBox({ width, height }: Image, draw: () => number): Box {
  const side = (whole: number) => 1 + Math.floor(draw() ** 2 * whole)
  const [w, h] = [Math.min(side(width), width), Math.min(side(height), height)]
  return {
    x: Math.floor(draw() * (width - w + 1)),
    y: Math.floor(draw() * (height - h + 1)),
    width: w,
    height: h,
  }
}

/** Mean difference between the addon's result and sharp's. */
async function bothWays(bytes: Uint8Array, look: Look, epoch: number): Promise<number> {
  const native = await prepared(bytes, 'native', look, epoch)
  const bySharp = await prepared(bytes, 'sharp', look, epoch)
  assert.deepEqual(native.problem, bySharp.problem)
  assert.ok(native.image && bySharp.image)
  return meanDifference(native.image, bySharp.image)
}
