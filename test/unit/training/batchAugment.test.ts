/** Mixing and erasing of batches against timm (numbers by test/fixtures/transforms/mixing.py). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { parseConfig, type MixingConfig } from '../../../core/experiment/index.ts'
import { randomStream } from '../../../core/graph/index.ts'
import { augmentBatch } from '../../../core/training/batchAugment.ts'
import { betaSample } from '../../../core/training/betaSample.ts'
import { chooseParts } from '../../../core/training/eraseParts.ts'
import { chooseMix, cutBox, mixImages, type Mix } from '../../../core/training/mixImages.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

type Moments = [mean: number, deviation: number]
interface Fixtures {
  mixes: { count: number; share: number; box: [number, number, number, number] | null; images: number[] }[]
  boxes: { size: [number, number]; share: number; centre: [number, number]; box: number[] }[]
  beta: { alpha: number; below: [number, number][] }[]
  erasing: {
    size: [number, number]
    count: number
    minArea: number
    maxArea: number
    minAspect: number
    parts: number
    area: Moments
    aspect: Moments
    top: Moments
    left: Moments
  }[]
}
const file = new URL('../../fixtures/transforms/mixing.json', import.meta.url)
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixtures

const off = parseConfig({ model: 'resnet18' }).mixing
const settings = (changes: Partial<MixingConfig>, erasing: Partial<MixingConfig['erasing']> = {}) => ({
  ...off,
  ...changes,
  erasing: { ...off.erasing, ...erasing },
})
const moment = { seed: 3, step: 5, epoch: 0.5 }

/** The batch that mixing.py computes too. */
function formulaBatch(count: number, height: number, width: number, channels: number): tf.Tensor4D {
  const values: number[] = []
  for (let b = 0; b < count; b++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) values.push(((b * 29 + x * 37 + y * 61 + c * 89) % 256) / 64 - 2)
  return tf.tensor4d(values, [count, height, width, channels])
}

for (const backend of ['cpu', 'wasm', 'torch'])
  describe(`augmenting batches on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    it('mixes as timm does', () => {
      const before = tf.memory().numTensors
      for (const { count, share, box, images: expected } of fixtures.mixes) {
        const [top, bottom, left, right] = box ?? [0, 0, 0, 0]
        const mix: Mix = box
          ? { kind: 'cutmix', share, box: { top, bottom, left, right } }
          : { kind: 'mixup', share }
        const images = formulaBatch(count, 5, 7, 2)
        const mixed = mixImages(images, mix)
        assertClose(mixed.dataSync(), expected, box ? 0 : 1e-6)
        tf.dispose([images, mixed])
      }
      assert.equal(tf.memory().numTensors, before)
    })

    it('says how much each image shows of itself and of which other', () => {
      const images = formulaBatch(5, 16, 16, 1)
      const before = tf.memory().numTensors
      for (const changes of [{ mixupAlpha: 0.4 }, { cutmixAlpha: 1 }]) {
        const { images: result, mixed } = augmentBatch(images, settings(changes), moment)
        assert.deepEqual([...mixed!.permutation], [4, 3, 2, 1, 0])
        assert.ok(mixed!.share > 0 && mixed!.share < 1)
        const [own, got] = [images.dataSync(), result.dataSync()]
        const from = (image: number, at: number) => own[image * 256 + at]!
        const foreign = Array.from({ length: 256 }, (_, at) => {
          const difference = from(4, at) - from(0, at)
          return difference === 0 ? null : (got[at]! - from(0, at)) / difference
        }).filter(value => value !== null)
        const mean = foreign.reduce((sum, value) => sum + value, 0) / foreign.length
        assert.ok(Math.abs(1 - mean - mixed!.share) < 0.02, `${mean} and ${mixed!.share}`)
        result.dispose()
      }
      assert.equal(tf.memory().numTensors, before)
      images.dispose()
    })

    it('draws by seed, step and rank', () => {
      const images = formulaBatch(4, 8, 8, 1)
      const share = (changes: object): number => {
        const { images: result, mixed } = augmentBatch(images, settings({ mixupAlpha: 1 }), {
          ...moment,
          ...changes,
        })
        result.dispose()
        return mixed!.share
      }
      assert.equal(share({}), share({ rank: 0 }))
      assert.equal(new Set([{}, { seed: 4 }, { step: 6 }, { rank: 1 }].map(share)).size, 4)
      images.dispose()
    })

    it('gives back the very images where nothing is to be done', () => {
      const images = formulaBatch(2, 8, 8, 3)
      const same = (changes: Partial<MixingConfig>, at = moment) => {
        const { images: result, mixed } = augmentBatch(images, settings(changes), at)
        return result === images && mixed === null
      }
      assert.ok(same({}))
      assert.ok(same({ mixupAlpha: 1, probability: 0 }))
      assert.ok(same({ mixupAlpha: 1, untilEpoch: 2 }, { ...moment, epoch: 2 }))
      assert.ok(!same({ mixupAlpha: 1, untilEpoch: 2 }, { ...moment, epoch: 1.9 }))
      const single = tf.slice(images, 0, 1)
      assert.equal(augmentBatch(single, settings({ mixupAlpha: 1 }), moment).mixed, null)
      tf.dispose([images, single])
    })

    for (const mode of ['pixel', 'colour', 'zero'] as const)
      it(`erases rectangles with ${mode}, the rest stays`, () => {
        const images = tf.fill([40, 24, 20, 3], 7) as tf.Tensor4D
        const before = tf.memory().numTensors
        const { images: result } = augmentBatch(images, settings({}, { probability: 0.5, mode }), moment)
        const values = result.dataSync()
        const erased: number[] = []
        let touched = 0
        for (let image = 0; image < 40; image++) {
          const own = values.slice(image * 1440, (image + 1) * 1440)
          const changed = own.filter(value => value !== 7)
          if (changed.length === 0) continue
          touched++
          erased.push(...changed)
          const pixels = Array.from({ length: 480 }, (_, at) => at).filter(at => own[at * 3] !== 7)
          const rows = pixels.map(at => Math.floor(at / 20))
          const columns = pixels.map(at => at % 20)
          const span = (all: number[]) => Math.max(...all) - Math.min(...all) + 1
          assert.equal(pixels.length, span(rows) * span(columns), 'a filled rectangle')
          assert.equal(changed.length, pixels.length * 3)
          const colours = new Set(pixels.map(at => own.slice(at * 3, at * 3 + 3).join()))
          assert.equal(colours.size, mode === 'pixel' ? pixels.length : 1)
        }
        assert.ok(touched > 10 && touched < 30, `${touched} of 40`)
        if (mode === 'zero') assert.ok(erased.every(value => value === 0))
        if (mode === 'pixel') {
          const mean = erased.reduce((sum, value) => sum + value, 0) / erased.length
          const square = erased.reduce((sum, value) => sum + value * value, 0) / erased.length
          assert.ok(Math.abs(mean) < 0.05 && Math.abs(square - 1) < 0.06, `${mean}, ${square}`)
        }
        const again = augmentBatch(images, settings({}, { probability: 0.5, mode }), moment).images
        assert.deepEqual(again.dataSync(), values)
        tf.dispose([result, again])
        assert.equal(tf.memory().numTensors, before)
        images.dispose()
      })

    if (backend === 'torch')
      it('works on images that are kept in bfloat16', async () => {
        await startBackend('torch', ['float32', 'bfloat16'])
        const cast = (x: tf.Tensor4D, storage: string): tf.Tensor4D =>
          tf.engine().runKernel('StorageCast', { x }, { storage })
        const images = formulaBatch(6, 16, 16, 3) // multiples of 1/64 below 2: exact in bfloat16
        const halves = cast(images, 'bfloat16')
        const changes = settings({ cutmixAlpha: 1, mixupAlpha: 1 }, { probability: 0.5 })
        for (let step = 0; step < 8; step++) {
          const whole = augmentBatch(images, changes, { ...moment, step })
          const half = augmentBatch(halves, changes, { ...moment, step })
          assert.equal(half.mixed?.share, whole.mixed?.share)
          const back = cast(half.images, 'float32')
          assertClose(back.dataSync(), [...whole.images.dataSync()], 0.03)
          tf.dispose([whole.images, half.images, back])
        }
        tf.dispose([images, halves])
      })
  })

describe('shares and boxes', () => {
  it('puts the box of CutMix where timm puts it', () => {
    for (const { size, share, centre, box } of fixtures.boxes) {
      const drawn = [(centre[0] + 0.5) / size[0], (centre[1] + 0.5) / size[1]]
      const { top, bottom, left, right } = cutBox(share, size, () => drawn.shift()!)
      assert.deepEqual([top, bottom, left, right], box, `${size}, ${share}, ${centre}`)
    }
  })

  it('draws from the Beta distribution, also where its numbers are tiny', () => {
    for (const { alpha, below } of fixtures.beta) {
      const random = randomStream(1, `beta ${alpha}`)
      const drawn = Array.from({ length: 20000 }, () => betaSample(alpha, random))
      for (const [x, expected] of below) {
        const share = drawn.filter(value => value < x).length / drawn.length
        assert.ok(Math.abs(share - expected) < 0.012, `Beta(${alpha}) below ${x}: ${share}, not ${expected}`)
      }
    }
    const random = randomStream(2, 'tiny')
    const tiny = Array.from({ length: 2000 }, () => betaSample(1e-3, random))
    assert.ok(tiny.every(value => value >= 0 && value <= 1))
    assert.ok(Math.abs(tiny.filter(value => value < 0.5).length - 1000) < 120)
  })

  it('mixes so many batches as asked, and cuts so many of them', () => {
    const both = settings({ mixupAlpha: 0.2, cutmixAlpha: 1, probability: 0.8, switchProbability: 0.25 })
    const kinds = Array.from({ length: 4000 }, (_, step) => {
      const mix = chooseMix(both, [32, 32], randomStream(1, `${step}`))
      if (mix?.kind !== 'cutmix') return mix?.kind
      const { top, bottom, left, right } = mix.box
      assert.equal(mix.share, 1 - ((bottom - top) * (right - left)) / 1024)
      return mix.kind
    })
    const count = (kind: string) => kinds.filter(each => each === kind).length
    assert.ok(Math.abs(count('mixup') - 2400) < 110, `${count('mixup')} mixup`)
    // Shares near 1 leave an empty box, which mixes nothing.
    assert.ok(count('cutmix') > 700 && count('cutmix') < 880, `${count('cutmix')} cutmix`)
  })

  it('erases where timm erases', () => {
    for (const expected of fixtures.erasing) {
      const { size, count, minArea, maxArea, minAspect } = expected
      const [height, width] = size
      const config = settings({}, { probability: 1, count, minArea, maxArea, minAspect }).erasing
      const drawn = Array.from({ length: 6000 }, (_, at) =>
        chooseParts(config, size, randomStream(9, `${at}`)),
      )
      const parts = drawn.flat()
      near(parts.length / drawn.length, expected.parts, 0.03, 'parts')
      const moments: [string, number[], Moments][] = [
        ['area', parts.map(part => (part.height * part.width) / (height * width)), expected.area],
        ['aspect', parts.map(part => Math.log(part.height / part.width)), expected.aspect],
        ['top', parts.map(part => part.top / height), expected.top],
        ['left', parts.map(part => part.left / width), expected.left],
      ]
      for (const [what, values, [mean, deviation]] of moments) {
        const ownMean = values.reduce((sum, value) => sum + value, 0) / values.length
        const square = values.reduce((sum, value) => sum + (value - ownMean) ** 2, 0) / values.length
        near(ownMean, mean, 0.03 * Math.max(deviation, 0.5), `mean of ${what}`)
        near(Math.sqrt(square), deviation, 0.03 * Math.max(deviation, 0.5), `deviation of ${what}`)
      }
    }
  })
})

function near(value: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${what}: expected ${expected}, got ${value}`)
}

function assertClose(got: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.equal(got.length, expected.length)
  for (const [at, value] of expected.entries())
    assert.ok(Math.abs(got[at]! - value) <= tolerance, `${at}: ${got[at]} is not ${value}`)
}
