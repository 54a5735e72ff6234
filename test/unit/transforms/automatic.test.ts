/** Automatic augmentation against torchvision and timm, to the bit (hashes by test/fixtures/transforms/operations.py). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { randomStream } from '../../../core/data/random.ts'
import { transforms } from '../../../core/transforms/index.ts'
import type { Interpolation } from '../../../core/transforms/shared/affine.ts'
import { applyOperation, operations, type OperationName } from '../../../core/transforms/shared/operations.ts'
import { atLevel } from '../../../core/transforms/shared/timmSpace.ts'
import { atMagnitude, usualSpace, wideSpace } from '../../../core/transforms/shared/torchvisionSpace.ts'
import type { Image, Random } from '../../../core/transforms/shared/transform.ts'
import { formulaImage } from '../../fixtures/images/formula.ts'

type PictureName = 'colour' | 'grey' | 'dim'
type TorchvisionCase = [
  space: 'usual' | 'wide' | 'auto',
  name: OperationName,
  bin: number,
  isNegative: 0 | 1,
  picture: PictureName,
  interpolation: Interpolation,
  fill: number[],
  digest: string,
]
type TimmCase = [name: OperationName, level: number, increasing: 0 | 1, isNegative: 0 | 1, digest: string]

const file = new URL('../../fixtures/transforms/operations.json', import.meta.url)
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as {
  torchvision: TorchvisionCase[]
  timm: TimmCase[]
}

const colour = formulaImage(48, 37, 3)
const pictures: Record<PictureName, Image> = {
  colour,
  grey: formulaImage(48, 37, 1),
  dim: { ...colour, data: colour.data.map((value, at) => Math.floor(value / 3) + 40 + 5 * (at % 3)) },
}
const digest = ({ data }: Image) => createHash('sha256').update(data).digest('hex').slice(0, 12)

describe('operations', () => {
  const byName = Map.groupBy(fixtures.torchvision, ([, name]) => name)
  for (const [name, cases] of byName)
    it(`${name} equals torchvision to the bit, ${cases.length} times`, () => {
      for (const [space, , bin, isNegative, picture, interpolation, fill, expected] of cases) {
        const image = pictures[picture]
        const bins = space === 'auto' ? 10 : 31
        const range = space === 'wide' ? wideSpace : usualSpace
        const operation = atMagnitude(name, range, image, bin, bins, isNegative === 1)
        const before = digest(image)
        const result = applyOperation(image, operation, { interpolation, fill })
        assert.equal(
          digest(result),
          expected,
          `${space} ${bin} ${isNegative} ${picture} ${interpolation} ${fill}`,
        )
        assert.equal(digest(image), before, 'the input is unchanged')
      }
    })

  const timmByName = Map.groupBy(fixtures.timm, ([name]) => name)
  for (const [name, cases] of timmByName)
    it(`${name} equals timm to the bit, ${cases.length} times`, () => {
      for (const [, level, increasing, isNegative, expected] of cases) {
        const operation = atLevel(name, colour, level, increasing === 1, isNegative === 1)
        const interpolation = level > 3 ? 'bicubic' : 'bilinear'
        const result = applyOperation(colour, operation, { interpolation, fill: [124, 116, 104] })
        assert.equal(
          digest(result),
          expected,
          `level ${level}, ${increasing}, ${isNegative}: ${operation.argument}`,
        )
      }
    })

  it('give the same wherever an image lies in memory', () => {
    const looks = { interpolation: 'nearest', fill: [0] } as const
    for (const image of Object.values(pictures)) {
      const shifted = new Uint8Array(image.data.length + 1).subarray(1)
      shifted.set(image.data)
      for (const name of Object.keys(operations) as OperationName[]) {
        const operation = {
          name,
          argument: name === 'posterize' ? 3 : name.startsWith('solarize') ? 90 : 0.3,
        }
        const result = applyOperation({ ...image, data: shifted }, operation, looks)
        assert.equal(digest(result), digest(applyOperation(image, operation, looks)), name)
      }
    }
  })

  it('take images of one pixel', () => {
    const dot: Image = { data: Uint8Array.of(10, 20, 30), width: 1, height: 1, channels: 3 }
    for (const name of ['sharpness', 'equalize', 'auto-contrast', 'rotate', 'shear-x'] as const)
      for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const)
        assert.equal(
          applyOperation(dot, { name, argument: 0.3 }, { interpolation, fill: [0] }).data.length,
          3,
        )
  })
})

describe('automatic augmentation', () => {
  const apply = (name: string, options: Record<string, unknown>, random: Random) =>
    transforms.create({ name, options }).apply(colour, random, { width: 48, height: 37 }) as Image
  const entries: [string, Record<string, unknown>][] = [
    ['trivial-augment', {}],
    ['rand-augment', {}],
    [
      'rand-augment',
      { form: 'timm', magnitude: 7, magnitudeStd: 0.5, probability: 0.5, interpolation: 'random' },
    ],
    ['auto-augment', {}],
    ['auto-augment', { policy: 'cifar10', fill: [124, 116, 104] }],
  ]

  for (const [name, options] of entries)
    it(`${name} ${JSON.stringify(options)} draws as many numbers for each image, and gives many results`, () => {
      const results = new Set<string>()
      let draws = -1
      for (let index = 0; index < 300; index++) {
        let count = 0
        const stream = randomStream(4, 0, index, 0)
        const result = apply(name, options, () => {
          count++
          return stream()
        })
        if (draws < 0) draws = count
        assert.equal(count, draws)
        results.add(digest(result))
      }
      assert.ok(results.size > 30, `${results.size} different of 300`)
    })

  it('rand-augment leaves the share of images alone that is asked', () => {
    const same = Array.from({ length: 2000 }, (_, index) =>
      apply('rand-augment', { numOps: 1, probability: 0.3, magnitude: 9 }, randomStream(6, 0, index, 0)),
    ).filter(result => result === colour).length
    // Of the rest, one in fourteen is the identity.
    assert.ok(Math.abs(same - 2000 * (0.7 + 0.3 / 14)) < 80, `${same}`)
  })

  it('rand-augment refuses options that do not fit its form', () => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ magnitude: 31 }, /magnitude: expected a whole number below bins/],
      [{ magnitude: 9.5 }, /magnitude: expected a whole number below bins/],
      [{ magnitudeStd: 0.5 }, /magnitudeStd: expected 0.*Set form to timm/],
      [{ form: 'timm', magnitude: 12 }, /magnitude: expected at most 10/],
      [{ fill: [1, 2] }, /fill: expected one value for all channels, or three/],
    ]
    for (const [options, message] of refused)
      assert.throws(() => transforms.create({ name: 'rand-augment', options }), {
        code: 'invalid-config',
        message,
      })
  })
})
