/** Inception's crops, resizes and colours, blur, lighting and the small ones (numbers by test/fixtures/transforms/inception.py). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { randomStream } from '../../../core/data/random.ts'
import { transforms } from '../../../core/transforms/index.ts'
import { blur } from '../../../core/transforms/shared/blur.ts'
import { chooseDistorted } from '../../../core/transforms/shared/chooseDistorted.ts'
import { wholeImage } from '../../../core/transforms/shared/geometry.ts'
import { resample } from '../../../core/transforms/shared/resample.ts'
import {
  resizeLikeTensorFlow,
  type TensorFlowMethod,
} from '../../../core/transforms/shared/tensorFlowResize.ts'
import type { Image, Random } from '../../../core/transforms/shared/transform.ts'
import { formulaImage, largestDifference } from '../../fixtures/images/formula.ts'

type Step = 'brightness' | 'saturation' | 'hue' | 'contrast'
interface Fixtures {
  crops: [
    number,
    number,
    [number, number, number, number, number],
    number,
    [number, number, number, number],
  ][]
  resizes: {
    method: TensorFlowMethod
    size: [number, number, 1 | 3]
    box: [number, number, number, number]
    to: [number, number]
    data: string
  }[]
  central: { size: [number, number]; fraction: number; to: number; data: string }[]
  colours: { order: Step[]; amounts: Record<Step, number>; data: string }[]
  blurs: { size: [number, number, 1 | 3]; kernel: number; sigma: number; data: string }[]
  lighting: { normals: [number, number, number]; divisor: number; data: string }[]
  longer: { size: [number, number]; side: number; to: [number, number]; data: string }[]
  grey: string
  flipped: string
}
const file = new URL('../../fixtures/transforms/inception.json', import.meta.url)
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixtures

const never: Random = () => assert.fail('draws no random numbers')
const drawing =
  (...values: number[]): Random =>
  () =>
    values.shift() ?? assert.fail('draws more numbers than expected')
const apply = (
  name: string,
  options: Record<string, unknown>,
  image: Image,
  random: Random,
  [width, height] = [8, 8],
) => transforms.create({ name, options }).apply(image, random, { width, height }) as Image

function assertLike(result: Image, expected: string, tolerance: number, what = ''): void {
  const difference = largestDifference(result.data, Buffer.from(expected, 'base64'))
  assert.ok(difference <= tolerance, `${what} differs by ${difference}`)
}

/** The numbers that inception.py draws too. */
function congruence(seed: number): Random {
  let state = BigInt(seed)
  return () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n
    return Number(state >> 7n) / 2 ** 24
  }
}

describe('distorted-crop', () => {
  it(`chooses the part that TensorFlow's algorithm chooses, ${fixtures.crops.length} times`, () => {
    for (const [
      width,
      height,
      [minArea, maxArea, minRatio, maxRatio, minCovered],
      seed,
      box,
    ] of fixtures.crops) {
      const ranges = { minArea, maxArea, minRatio, maxRatio, minCovered }
      const { x, y, width: w, height: h } = chooseDistorted({ width, height }, congruence(seed), ranges)
      assert.deepEqual([x, y, w, h], box, `${width} × ${height}, ${Object.values(ranges)}, seed ${seed}`)
    }
  })

  it('resizes as asked, and can be told in advance only where it antialiases', () => {
    const image = formulaImage(40, 30, 3)
    const size = { width: 12, height: 10 }
    for (const resizing of ['antialiased', 'bilinear', 'one-of-four'] as const) {
      for (let index = 0; index < 20; index++) {
        const random = () => randomStream(2, 0, index, 0)
        const result = apply('distorted-crop', { resizing }, image, random(), [12, 10])
        const method = random()()
        const ahead = randomStream(2, 0, index, 0)
        const transform = transforms.create({ name: 'distorted-crop', options: { resizing } })
        const geometry = transform.geometry!(
          wholeImage(image),
          resizing === 'antialiased' ? ahead : never,
          size,
        )
        if (resizing === 'antialiased') {
          assert.deepEqual(resample(image, geometry!.box, 12, 10).data, result.data)
          const after = random()
          apply('distorted-crop', { resizing }, image, after, [12, 10])
          assert.equal(ahead(), after(), 'draws as many numbers')
          continue
        }
        assert.equal(geometry, null)
        const stream = random()
        stream()
        const ranges = { minArea: 0.05, maxArea: 1, minRatio: 0.75, maxRatio: 1.33, minCovered: 0.1 }
        const box = chooseDistorted(image, stream, ranges)
        const methods = ['bilinear', 'nearest', 'bicubic', 'area'] as const
        const chosen = resizing === 'bilinear' ? 'bilinear' : methods[Math.floor(method * 4)]!
        assert.deepEqual(resizeLikeTensorFlow(image, box, size, chosen).data, result.data)
      }
    }
  })
})

describe('resizing as TensorFlow 1', () => {
  for (const { method, size, box, to, data } of fixtures.resizes)
    it(`${method}, ${size.join(' × ')}, ${box} to ${to}`, () => {
      const [x, y, width, height] = box
      const image = formulaImage(...size)
      const target = { width: to[0], height: to[1] }
      const result = resizeLikeTensorFlow(image, { x, y, width, height }, target, method)
      // Sums that lie half-way between two grey levels may fall to either.
      assertLike(result, data, 1, method)
    })

  for (const { size, fraction, to, data } of fixtures.central)
    it(`central-crop of ${fraction} of ${size.join(' × ')}`, () => {
      const image = formulaImage(...size, 3)
      assertLike(apply('central-crop', { fraction }, image, never, [to, to]), data, 1)
      const transform = transforms.create({
        name: 'central-crop',
        options: { fraction, resizing: 'antialiased' },
      })
      const target = { width: to, height: to }
      const { box } = transform.geometry!(wholeImage(image), never, target)!
      assert.deepEqual(resample(image, box, to, to), transform.apply(image, never, target))
    })
})

describe('inception-colour', () => {
  const image = formulaImage(14, 11, 3)
  const letters = (order: readonly Step[]) => order.map(([first]) => first).join('')
  const places = { full: ['bshc', 'sbch', 'chbs', 'hscb'], fast: ['bs', 'sb'], fixed: ['bs'] } as const
  for (const { order, amounts, data } of fixtures.colours)
    it(`changes ${order.join(', ')} by ${Object.values(amounts).join(', ')}`, () => {
      for (const [mode, orders] of Object.entries(places)) {
        const at = (orders as readonly string[]).indexOf(letters(order))
        if (at < 0) continue
        const share = (step: Step, least: number, most: number) => (amounts[step] - least) / (most - least)
        const random = drawing(
          ...[(at + 0.5) / { full: 4, fast: 4, fixed: 1 }[mode]!, share('brightness', -32 / 255, 32 / 255)],
          ...[share('saturation', 0.5, 1.5), share('hue', -0.2, 0.2), share('contrast', 0.5, 1.5)],
        )
        assertLike(apply('inception-colour', { mode }, image, random), data, 1, mode)
      }
    })
})

describe('other transforms', () => {
  it('gaussian-blur equals torchvision', () => {
    for (const { size, kernel, sigma, data } of fixtures.blurs)
      assertLike(blur(formulaImage(...size), kernel, sigma), data, 1)
    const image = formulaImage(8, 8, 3)
    assert.equal(
      apply('gaussian-blur', {}, image, () => 0.9),
      image,
    )
    assert.throws(() => transforms.create({ name: 'gaussian-blur', options: { kernelSize: 4 } }), {
      message: /kernelSize: expected an odd number/,
    })
  })

  it('pca-lighting adds what the eigenvectors say, rounded once', () => {
    for (const { normals, divisor, data } of fixtures.lighting) {
      const [first, second, third] = normals
      // Uniform numbers from which Box and Muller's formula makes these normal ones.
      const uniforms = (x: number, y: number): [number, number] => [
        1 - Math.exp(-(x * x + y * y) / 2),
        (((Math.atan2(y, x) / (2 * Math.PI)) % 1) + 1) % 1,
      ]
      const random = drawing(...uniforms(first, second), ...uniforms(third, 0))
      assertLike(apply('pca-lighting', { divisor }, formulaImage(10, 8, 3), random), data, 0)
    }
    const none = apply('pca-lighting', { strength: 0 }, formulaImage(10, 8, 3), () => 0.4)
    assert.deepEqual(none.data, formulaImage(10, 8, 3).data)
  })

  it('pca-lighting shifts as the covariance of ImageNet says', () => {
    const grey: Image = { data: Uint8Array.of(128, 128, 128), width: 1, height: 1, channels: 3 }
    const reds = Array.from({ length: 8000 }, (_, index) => {
      const { data } = apply('pca-lighting', { strength: 1 }, grey, randomStream(8, 0, index, 0))
      return (data[0]! - 128) / 255
    })
    const deviation = Math.sqrt(reds.reduce((sum, value) => sum + value * value, 0) / reds.length)
    const expected = Math.hypot(0.5675 * 0.2175, 0.7192 * 0.0188, 0.4009 * 0.0045)
    assert.ok(Math.abs(deviation - expected) < 0.004, `${deviation}, not ${expected}`)
  })

  it('resize-largest-side keeps the shape, as Pillow resizes', () => {
    for (const { size, side, to, data } of fixtures.longer) {
      const image = formulaImage(...size, 3)
      const result = apply('resize-largest-side', { longerSide: side }, image, never)
      assert.deepEqual([result.width, result.height], to)
      assertLike(result, data, 0)
      const transform = transforms.create({ name: 'resize-largest-side', options: { longerSide: side } })
      const geometry = transform.geometry!(wholeImage(image), never, { width: 8, height: 8 })!
      assert.deepEqual([geometry.width, geometry.height], to)
    }
  })

  it('grayscale and vertical-flip equal torchvision, with their probabilities', () => {
    const image = formulaImage(12, 9, 3)
    assertLike(
      apply('grayscale', {}, image, () => 0.05),
      fixtures.grey,
      0,
    )
    assertLike(
      apply('vertical-flip', {}, image, () => 0.4),
      fixtures.flipped,
      0,
    )
    assert.equal(
      apply('grayscale', {}, image, () => 0.2),
      image,
    )
    assert.equal(
      apply('vertical-flip', {}, image, () => 0.6),
      image,
    )
  })
})
