/** Decoding of real files made by Pillow and ImageMagick (test/fixtures/images/make.py), against Pillow's own pixels. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeImage } from '../../../core/data/decode.ts'
import { AppError } from '../../../core/errors/index.ts'
import { largestDifference, readFixture, readJson } from '../../fixtures/images/formula.ts'

interface Expected {
  readonly width: number
  readonly height: number
  readonly rgb: string
}

const expected = await readJson<Record<string, Expected>>('pictures.json')
/** JPEG decoders differ in the last bits; blending with transparency in the last. */
const tolerance = (name: string) => (/\.jpg$/.test(name) ? 2 : name === 'rgba.png' ? 1 : 0)

describe('decodeImage', () => {
  for (const [name, { width, height, rgb }] of Object.entries(expected)) {
    it(`gives the pixels of ${name} as Pillow does`, async () => {
      const image = await decodeImage(await readFixture(name), 3, name)
      assert.deepEqual([image.width, image.height, image.channels], [width, height, 3])
      const difference = largestDifference(image.data, Buffer.from(rgb, 'base64'))
      assert.ok(difference <= tolerance(name), `differs by ${difference}`)
    })
  }

  for (const name of ['cmyk.jpg', 'cmyk-adobe.jpg']) {
    it(`shows ${name} in its colours, not inverted`, async () => {
      const { data, width } = await decodeImage(await readFixture(name), 3, name)
      const pixel = (x: number) => [...data.subarray((8 * width + x) * 3, (8 * width + x) * 3 + 3)]
      const [white, black, red] = [pixel(3), pixel(12), pixel(20)] as [number[], number[], number[]]
      assert.ok(
        white.every(value => value > 240),
        `white is ${white}`,
      )
      assert.ok(
        black.every(value => value < 60),
        `black is ${black}`,
      )
      assert.ok(red[0]! > 140 && red[1]! < 90 && red[2]! < 90, `red is ${red}`)
    })
  }

  it('gives one channel as luminance', async () => {
    for (const name of ['rgb.png', 'grey.png', 'grey16.png', 'bilevel.png', 'rgb16.png']) {
      const rgb = Buffer.from(expected[name]!.rgb, 'base64')
      const image = await decodeImage(await readFixture(name), 1, name)
      assert.equal(image.channels, 1)
      const luminance = Uint8Array.from({ length: image.width * image.height }, (_, at) =>
        Math.round(0.299 * rgb[at * 3]! + 0.587 * rgb[at * 3 + 1]! + 0.114 * rgb[at * 3 + 2]!),
      )
      assert.ok(largestDifference(image.data, luminance) <= 1, name)
    }
  })

  const refused: readonly (readonly [name: string, message: RegExp])[] = [
    ['truncated.jpg', /^truncated\.jpg: a JPEG image that is cut short/],
    ['truncated.png', /^truncated\.png: a PNG image that is cut short/],
    ['empty.jpg', /^empty\.jpg: .*empty/],
    ['text.jpg', /^text\.jpg: not a JPEG, PNG, WebP or GIF image/],
    ['giant.png', /^giant\.png: 11000 × 10000 pixels, more than 100 million/],
    ['rgb.bmp', /^rgb\.bmp: a BMP file, which is not read/],
    ['rgb.tiff', /^rgb\.tiff: a TIFF file, which is not read/],
  ]
  for (const [name, message] of refused) {
    it(`refuses ${name} and says why`, async () => {
      const thrown = await decodeImage(await readFixture(name), 3, name).catch((error: unknown) => error)
      assert.ok(thrown instanceof AppError)
      assert.equal(thrown.code, 'data-invalid')
      assert.equal(thrown.details['file'], name)
      assert.match(thrown.message, message)
    })
  }

  it('refuses every proper beginning of a JPEG', async () => {
    const whole = await readFixture('rgb.jpg')
    for (let length = 0; length < whole.length - 2; length += 23) {
      await assert.rejects(
        decodeImage(whole.subarray(0, length), 3, 'part.jpg'),
        { code: 'data-invalid' },
        `${length} bytes`,
      )
    }
  })
})
