/** Transforms against torchvision on Pillow images (fixtures of test/fixtures/images/make.py). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomStream } from '../../../core/data/random.ts'
import { transforms } from '../../../core/transforms/index.ts'
import { brightness, contrast, hue, saturation } from '../../../core/transforms/shared/colour.ts'
import { chooseCrop } from '../../../core/transforms/shared/chooseCrop.ts'
import { resample } from '../../../core/transforms/shared/resample.ts'
import type { Image, Random } from '../../../core/transforms/shared/transform.ts'
import { formulaImage, largestDifference, readJson } from '../../fixtures/images/formula.ts'

interface Fixtures {
  readonly resizes: readonly {
    width: number
    height: number
    channels: 1 | 3
    box: [number, number, number, number]
    to: [number, number]
    data: string
  }[]
  readonly evaluations: readonly {
    width: number
    height: number
    shorter: number
    crop: number
    data: string
  }[]
  readonly colours: readonly {
    channels: 1 | 3
    name: 'brightness' | 'contrast' | 'saturation' | 'hue'
    amount: number
    data: string
  }[]
  readonly crops: readonly {
    width: number
    height: number
    meanArea: number
    deviationArea: number
    meanLogRatio: number
    deviationLogRatio: number
    meanLeft: number
    meanTop: number
  }[]
}

const fixtures = await readJson<Fixtures>('transforms.json')
const never: Random = () => assert.fail('draws no random numbers')
const bytes = (text: string) => Buffer.from(text, 'base64')
const apply = (
  name: string,
  options: Record<string, unknown>,
  image: Image,
  random: Random,
  size: [number, number],
) => transforms.create({ name, options }).apply(image, random, { width: size[0], height: size[1] }) as Image

describe('resample', () => {
  for (const { width, height, channels, box, to, data } of fixtures.resizes) {
    it(`equals Pillow to the bit: ${width}×${height}×${channels}, box ${box}, to ${to.join('×')}`, () => {
      const [x, y, w, h] = box
      const image = formulaImage(width, height, channels)
      const result = resample(image, { x, y, width: w, height: h }, to[0], to[1])
      assert.deepEqual([result.width, result.height], to)
      assert.equal(largestDifference(result.data, bytes(data)), 0)
      assert.deepEqual(image, formulaImage(width, height, channels), 'the input is unchanged')
    })
  }
})

describe('resize and center-crop', () => {
  for (const { width, height, shorter, crop, data } of fixtures.evaluations) {
    it(`equal torchvision to the bit: ${width}×${height}, ${shorter}, ${crop}`, () => {
      const resized = apply('resize', { shorterSide: shorter }, formulaImage(width, height, 3), never, [
        crop,
        crop,
      ])
      const cropped = apply('center-crop', {}, resized, never, [crop, crop])
      assert.deepEqual([cropped.width, cropped.height], [crop, crop])
      assert.equal(largestDifference(cropped.data, bytes(data)), 0)
    })
  }
})

describe('colour changes', () => {
  const functions = { brightness, contrast, saturation, hue }
  for (const { channels, name, amount, data } of fixtures.colours) {
    it(`${name} ${amount} on ${channels} channels equals torchvision`, () => {
      const image = formulaImage(29, 23, channels)
      const result = functions[name](image, amount)
      const difference = largestDifference(result.data, bytes(data))
      assert.ok(difference <= (name === 'hue' ? 1 : 0), `differs by ${difference}`)
      assert.deepEqual(image, formulaImage(29, 23, channels), 'the input is unchanged')
    })
  }

  it('jitter draws the same numbers whatever is switched on', () => {
    const after = (options: Record<string, unknown>): number => {
      const random = randomStream(1, 2, 3, 0)
      apply('color-jitter', options, formulaImage(8, 8, 3), random, [8, 8])
      return random()
    }
    assert.equal(after({}), after({ brightness: 0, contrast: 0, saturation: 0, hue: 0.2 }))
  })
})

describe('random-resized-crop', () => {
  const ranges = { minScale: 0.08, maxScale: 1, minRatio: 3 / 4, maxRatio: 4 / 3 }
  for (const expected of fixtures.crops) {
    it(`chooses like torchvision on ${expected.width}×${expected.height}`, () => {
      const drawn = Array.from({ length: 6000 }, (_, index) =>
        chooseCrop(expected, randomStream(11, 0, index, 0), ranges),
      )
      const area = drawn.map(({ width, height }) => (width * height) / (expected.width * expected.height))
      const ratio = drawn.map(({ width, height }) => Math.log(width / height))
      near(mean(area), expected.meanArea, 0.02, 'mean area')
      near(deviation(area), expected.deviationArea, 0.02, 'deviation of the area')
      near(mean(ratio), expected.meanLogRatio, 0.015, 'mean of the log ratio')
      near(deviation(ratio), expected.deviationLogRatio, 0.015, 'deviation of the log ratio')
      near(mean(drawn.map(({ x }) => x / expected.width)), expected.meanLeft, 0.02, 'mean left')
      near(mean(drawn.map(({ y }) => y / expected.height)), expected.meanTop, 0.02, 'mean top')
    })
  }

  it('gives the size asked and refuses ranges the wrong way round', () => {
    const image = apply(
      'random-resized-crop',
      {},
      formulaImage(40, 30, 3),
      randomStream(0, 0, 0, 0),
      [24, 16],
    )
    assert.deepEqual([image.width, image.height, image.data.length], [24, 16, 24 * 16 * 3])
    assert.throws(
      () => transforms.create({ name: 'random-resized-crop', options: { minScale: 0.9, maxScale: 0.1 } }),
      {
        code: 'invalid-config',
        message: /minScale: expected at most maxScale/,
      },
    )
  })
})

describe('horizontal-flip', () => {
  it('mirrors with the probability asked', () => {
    const image: Image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1, channels: 3 }
    const mirrored = apply('horizontal-flip', { probability: 1 }, image, () => 0.99, [2, 1])
    assert.deepEqual([...mirrored.data], [4, 5, 6, 1, 2, 3])
    assert.equal(
      apply('horizontal-flip', { probability: 0 }, image, () => 0, [2, 1]),
      image,
    )
    const count = Array.from({ length: 4000 }, (_, index) =>
      apply('horizontal-flip', {}, image, randomStream(7, 0, index, 0), [2, 1]),
    ).filter(result => result !== image).length
    assert.ok(Math.abs(count - 2000) < 150, `${count} of 4000`)
  })
})

describe('pad-and-crop', () => {
  it('moves the image by every shift, with black from outside', () => {
    const image = formulaImage(6, 5, 1)
    const shifts = new Set<string>()
    for (let index = 0; index < 400; index++) {
      const random = randomStream(3, 0, index, 0)
      const result = apply('pad-and-crop', { padding: 2 }, image, random, [6, 5])
      const copy = randomStream(3, 0, index, 0)
      const y = Math.floor(copy() * 5) - 2
      const x = Math.floor(copy() * 5) - 2
      shifts.add(`${x} ${y}`)
      for (let row = 0; row < 5; row++) {
        for (let column = 0; column < 6; column++) {
          const [fromRow, fromColumn] = [row + y, column + x]
          const inside = fromRow >= 0 && fromRow < 5 && fromColumn >= 0 && fromColumn < 6
          assert.equal(result.data[row * 6 + column], inside ? image.data[fromRow * 6 + fromColumn] : 0)
        }
      }
    }
    assert.equal(shifts.size, 25)
  })
})

describe('every transform', () => {
  it('has complete documentation, takes grey and colour, and leaves its input alone', async () => {
    for (const { name, title, summary, source } of transforms.list()) {
      assert.ok(title && summary && source, name)
      for (const channels of [1, 3] as const) {
        const image = formulaImage(20, 17, channels)
        const result = await transforms
          .create({ name })
          .apply(image, randomStream(0, 0, 1, 0), { width: 16, height: 16 })
        assert.equal(result.channels, channels, name)
        assert.equal(result.data.length, result.width * result.height * channels, name)
        assert.deepEqual(image, formulaImage(20, 17, channels), name)
      }
    }
  })
})

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) => {
  const centre = mean(values)
  return Math.sqrt(mean(values.map(value => (value - centre) ** 2)))
}

function near(value: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${what}: expected ${expected}, got ${value}`)
}
