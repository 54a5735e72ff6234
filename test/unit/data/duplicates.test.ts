/** Images that are there twice: found at another size, quality and brightness, and only those. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { findDuplicates, randomStream } from '../../../core/data/index.ts'
import { distanceOf } from '../../../core/data/duplicates/fingerprint.ts'
import { HashIndex } from '../../../core/data/duplicates/hashIndex.ts'
import { defaultDuplicateOptions } from '../../../core/data/duplicates/types.ts'
import { AppError } from '../../../core/errors/index.ts'
import type { DatasetRef } from '../../../core/datasets/shared/reader.ts'
import { scanned, silent, temporaryFolder } from './datasetFixtures.ts'

/** A picture of soft blobs, another one for each number. */
function picture(number: number, width = 160, height = 120): Sharp {
  const random = randomStream(7, 0, number, 0)
  const grid = Uint8Array.from({ length: 8 * 6 * 3 }, () => Math.floor(random() * 256))
  return sharp(grid, { raw: { width: 8, height: 6, channels: 3 } }).resize(width, height, {
    fit: 'fill',
    kernel: 'cubic',
  })
}

async function dataset(test: TestContext, pictures: Record<string, Sharp>): Promise<DatasetRef> {
  const folder = await temporaryFolder(test)
  for (const [name, made] of Object.entries(pictures)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await made.toFile(join(folder, name))
  }
  return (await scanned(folder, 'image-folder')).ref
}

const plain = (background: string): Sharp =>
  sharp({ create: { width: 60, height: 60, channels: 3, background } })

describe('looking for duplicates', () => {
  it('finds the same image in two splits, and alike ones of another size, quality, format and brightness', async test => {
    const ref = await dataset(test, {
      'train/cat/0.jpg': picture(0).jpeg({ quality: 90 }),
      'train/cat/1.jpg': picture(1).jpeg({ quality: 90 }),
      'train/dog/2.jpg': picture(2).jpeg({ quality: 90 }),
      'train/dog/3.jpg': picture(3).jpeg({ quality: 90 }),
      'train/dog/4.jpg': picture(4).jpeg({ quality: 90 }),
      'val/cat/same.jpg': picture(0).jpeg({ quality: 90 }),
      'val/cat/smaller.jpg': picture(1, 80, 60).jpeg({ quality: 40 }),
      'val/cat/brighter.png': picture(2).linear(0.8, 40).png(),
      'val/dog/grey.webp': picture(3).greyscale().webp(),
      'val/dog/other.jpg': picture(9).jpeg(),
    })
    const report = await findDuplicates(ref, defaultDuplicateOptions, silent)
    assert.equal(report.imageCount, 10)
    assert.equal(report.skippedCount, 0)
    assert.deepEqual(
      report.pairs.map(({ first, second, isExact }) => [first.name, second.name, isExact]).sort(),
      [
        ['train/cat/0.jpg', 'val/cat/same.jpg', true],
        ['train/cat/1.jpg', 'val/cat/smaller.jpg', false],
        ['train/dog/2.jpg', 'val/cat/brighter.png', false],
        ['train/dog/3.jpg', 'val/dog/grey.webp', false],
      ],
    )
    assert.ok(report.pairs[0]?.isExact, 'the same ones first')
    assert.deepEqual(report.counts, [{ splits: ['train', 'val'], exact: 1, near: 3, differentLabels: 1 }])
  })

  it('tells pairs within a split apart, and leaves them out when asked', async test => {
    const ref = await dataset(test, {
      'train/cat/0.jpg': picture(0).jpeg(),
      'train/dog/0.jpg': picture(0).jpeg(),
      'val/cat/1.jpg': picture(1).jpeg(),
      'val/dog/2.jpg': picture(2).jpeg(),
    })
    const { counts, pairs } = await findDuplicates(ref, defaultDuplicateOptions, silent)
    assert.deepEqual(counts, [{ splits: ['train', 'train'], exact: 1, near: 0, differentLabels: 1 }])
    assert.equal(pairs.length, 1)
    const between = await findDuplicates(ref, { ...defaultDuplicateOptions, betweenOnly: true }, silent)
    assert.equal(between.pairCount, 0)
  })

  it('does not take empty pages of different colours for the same', async test => {
    const ref = await dataset(test, {
      'train/cat/red.png': plain('#ff0000').png(),
      'train/dog/blue.png': plain('#0000ff').png(),
      'val/cat/red.png': plain('#ff0000').png(),
      'val/dog/green.png': plain('#00ff00').png(),
    })
    const { pairs } = await findDuplicates(ref, defaultDuplicateOptions, silent)
    assert.deepEqual(
      pairs.map(({ first, second }) => [first.name, second.name]),
      [['train/cat/red.png', 'val/cat/red.png']],
    )
  })

  it('tells how far it is, and can be left', async test => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `train/${at % 2 ? 'cat' : 'dog'}/${at}.jpg`,
        picture(at).jpeg(),
      ]),
    )
    const ref = await dataset(test, files)
    const phases: string[] = []
    const watcher = {
      progress: (phase: string, done: number, total: number) =>
        void phases.push(`${phase} ${done} of ${total}`),
      throwIfCancelled: () => {
        if (phases.length > 0) throw new AppError('cancelled', 'cancelled')
      },
    }
    await assert.rejects(findDuplicates(ref, defaultDuplicateOptions, watcher), { code: 'cancelled' })
    assert.equal(phases[0], 'Looking at images 32 of 40')
  })

  it('is told of a split that is not there', async test => {
    const ref = await dataset(test, {
      'train/a/0.jpg': picture(0).jpeg(),
      'train/b/0.jpg': picture(1).jpeg(),
    })
    await assert.rejects(findDuplicates(ref, { ...defaultDuplicateOptions, splits: ['test'] }, silent), {
      code: 'not-found',
      message: /no split 'test'. It has: train/,
    })
  })
})

describe('the index of hashes', () => {
  it('finds what comparing each with each finds, whatever the distance', () => {
    const random = randomStream(3, 0, 0, 0)
    const bits = (): number => Math.floor(random() * 2 ** 32) | 0
    const count = 1500
    const low = Int32Array.from({ length: count }, bits)
    const high = Int32Array.from({ length: count }, bits)
    // Relatives of others: random hashes are all far apart.
    for (let at = count / 2; at < count; at++) {
      const other = at - count / 2
      const flip = (): number => 1 << Math.floor(random() * 32)
      low[at] = low[other]!
      high[at] = high[other]!
      for (let flips = at % 14; flips > 0; flips--) {
        if (random() < 0.5) low[at]! ^= flip()
        else high[at]! ^= flip()
      }
    }
    for (const distance of [0, 3, 4, 6, 9, 12]) {
      const index = new HashIndex(low, high, distance)
      const [found, expected]: [string[], string[]] = [[], []]
      for (let at = 0; at < count; at++) {
        index.near(at, (other, bitsApart) => found.push(`${at} ${other} ${bitsApart}`) > 0)
        for (let other = at + 1; other < count; other++) {
          const apart = distanceOf(low[at]!, high[at]!, low[other]!, high[other]!)
          if (apart <= distance) expected.push(`${at} ${other} ${apart}`)
        }
      }
      assert.deepEqual(found.sort(), expected.sort())
    }
  })
})
