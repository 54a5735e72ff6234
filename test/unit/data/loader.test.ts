/** The loader: what is in a batch depends on nothing but the options. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openLoader, permutation } from '../../../core/data/index.ts'
import type { Batch, LoaderOptions } from '../../../core/data/types.ts'
import { loaderOptions, scanned, temporaryFolder, writeIdx, writePictures } from './datasetFixtures.ts'

/** A batch as plain values that can be compared. */
interface Seen {
  readonly number: number
  readonly epoch: number
  readonly images: string
  readonly labels: number[]
  readonly indices: number[]
  readonly bad: Batch['bad']
}

async function all(options: LoaderOptions): Promise<Seen[]> {
  const loader = await openLoader(options)
  const seen: Seen[] = []
  try {
    for (let batch = await loader.next(); batch; batch = await loader.next()) {
      const { number, epoch, bad } = batch
      const images = Buffer.from(batch.images).toString('hex')
      assert.equal(batch.images.length, batch.count * options.height * options.width * options.channels)
      seen.push({ number, epoch, images, labels: [...batch.labels], indices: [...batch.indices], bad })
      batch.release()
    }
  } finally {
    await loader.close()
  }
  return seen
}

const good = ['rgb.png', 'rgb.jpg', 'rgb.webp', 'grey.jpg', 'palette.png', 'rgba.png', 'progressive.jpg']

/** 14 pictures in two classes, and as many bad ones as asked. */
function pictures(bad: readonly string[] = []): Record<string, string> {
  const files = ['a', 'b'].flatMap(name => good.map((file, at) => [`train/${name}/${at}-${file}`, file]))
  return Object.fromEntries([...files, ...bad.map((file, at) => [`train/a/bad-${at}-${file}`, file])])
}

const augmented = [
  { name: 'random-resized-crop' },
  { name: 'horizontal-flip' },
  { name: 'color-jitter', options: { hue: 0.1 } },
]

describe('loader', () => {
  it('gives every sample once an epoch, in the order of the permutation', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 50, 8)
    const { ref } = await scanned(folder, 'idx')
    const batches = await all(loaderOptions(ref, { dropLast: false }))
    assert.equal(batches.length, 14)
    for (const epoch of [0, 1]) {
      const indices = batches.filter(batch => batch.epoch === epoch).flatMap(batch => batch.indices)
      assert.deepEqual(indices, [...permutation(5, epoch, 50)])
      assert.deepEqual(
        indices.toSorted((one, other) => one - other),
        Array.from({ length: 50 }, (_, at) => at),
      )
    }
    for (const { images, labels, indices } of batches) {
      indices.forEach((index, place) => {
        assert.equal(labels[place], index % 3)
        assert.equal(images.slice(place * 128, place * 128 + 2), index.toString(16).padStart(2, '0'))
      })
    }
  })

  it('drops the last, smaller batch when asked, and knows the number of batches', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 50, 8)
    const { ref } = await scanned(folder, 'idx')
    assert.deepEqual(
      (await all(loaderOptions(ref))).map(({ indices }) => indices.length),
      Array(12).fill(8),
    )
    const loader = await openLoader(loaderOptions(ref))
    assert.deepEqual([loader.batchesPerEpoch, loader.sampleCount, loader.classes], [6, 50, ['0', '1', '2']])
    await loader.close()
    await assert.rejects(openLoader(loaderOptions(ref, { batchSize: 51 })), {
      code: 'invalid-config',
      message: /training\.batchSize: expected at most 50/,
    })
  })

  it('gives bit-identical batches with 0, 1 and 4 threads, of pixels', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 90, 8)
    const { ref } = await scanned(folder, 'idx')
    const options = loaderOptions(ref, { transforms: [{ name: 'pad-and-crop', options: { padding: 2 } }] })
    const inline = await all(options)
    for (const threads of [1, 4])
      assert.deepEqual(await all({ ...options, threads }), inline, `${threads} threads`)
  })

  it('gives bit-identical batches with 0, 1 and 4 threads, of images, bad ones among them', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg', 'truncated.png']))
    const { ref } = await scanned(folder, 'image-folder')
    const options = loaderOptions(ref, {
      transforms: augmented,
      channels: 3,
      batchSize: 4,
      maxBadFraction: 0.2,
    })
    const inline = await all(options)
    const names = new Set(inline.flatMap(({ bad }) => bad.map(({ name }) => name)))
    assert.deepEqual([...names].sort(), ['train/a/bad-0-truncated.jpg', 'train/a/bad-1-truncated.png'])
    for (const threads of [1, 4])
      assert.deepEqual(await all({ ...options, threads }), inline, `${threads} threads`)
  })

  it('augments each copy of an image differently, also where it stands in for a bad one', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg', 'truncated.png']))
    const { ref } = await scanned(folder, 'image-folder')
    const options = loaderOptions(ref, {
      order: { name: 'repeated-augmentation', options: { repeats: 3, epochFactor: 3 } },
      transforms: [{ name: 'random-resized-crop' }, { name: 'color-jitter' }],
      ...{ channels: 3, batchSize: 6, epochs: 1, maxBadFraction: 0.2 },
    })
    const batches = await all(options)
    assert.equal(batches.length, 8)
    const pixels = batches.flatMap(({ images }) => images.match(/.{384}/g) ?? [])
    assert.equal(pixels.length, 48)
    assert.equal(new Set(pixels).size, 48, 'no image twice')
    const indices = batches.flatMap(each => each.indices)
    const isBad = new Set(batches.flatMap(({ bad }) => bad.map(({ index }) => index)))
    assert.equal(isBad.size, 2)
    assert.ok(indices.every((index, at) => !isBad.has(index) && index === indices[at - (at % 3)]))
    assert.deepEqual(await all({ ...options, threads: 2 }), batches)
    assert.deepEqual(await all({ ...options, startBatch: 5 }), batches.slice(5))
    const parts = await Promise.all(
      [0, 1].map(index => all({ ...options, batchSize: 3, part: { index, count: 2 } })),
    )
    const joined = batches.map((_, at) => parts.map(part => part[at]!.images).join(''))
    assert.deepEqual(
      joined,
      batches.map(({ images }) => images),
    )
  })

  it('counts the images of an epoch as the sampler draws them', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 50, 8)
    const { ref } = await scanned(folder, 'idx')
    const counts = async (changes: Partial<LoaderOptions>) => {
      const loader = await openLoader(loaderOptions(ref, changes))
      await loader.close()
      return [loader.batchesPerEpoch, loader.imagesPerEpoch, loader.sampleCount]
    }
    const order = { name: 'repeated-augmentation' }
    assert.deepEqual(await counts({}), [6, 48, 50])
    assert.deepEqual(await counts({ dropLast: false }), [7, 50, 50])
    assert.deepEqual(await counts({ order }), [12, 96, 50])
    assert.deepEqual(await counts({ order, batchSize: 4, part: { index: 1, count: 2 } }), [12, 96, 50])
    await assert.rejects(counts({ order, batchSize: 101 }), {
      code: 'invalid-config',
      message: /training\.batchSize: expected at most 100, the number of images that the sampler draws/,
    })
  })

  it('resumes at any batch as if it had never stopped', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg']))
    const { ref } = await scanned(folder, 'image-folder')
    const options = loaderOptions(ref, {
      transforms: augmented,
      channels: 3,
      batchSize: 4,
      maxBadFraction: 0.2,
    })
    const whole = await all(options)
    for (const startBatch of [1, 2, 3, 5, whole.length]) {
      const rest = await all({ ...options, startBatch, threads: startBatch % 2 })
      assert.deepEqual(rest, whole.slice(startBatch), `from batch ${startBatch}`)
    }
  })

  it('augments differently in each epoch and under each seed', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures())
    const { ref } = await scanned(folder, 'image-folder')
    const options = loaderOptions(ref, {
      transforms: augmented,
      channels: 3,
      order: 'sequential',
      batchSize: 14,
    })
    const [first, second] = await all(options)
    const [other] = await all({ ...options, seed: 6 })
    assert.deepEqual(first?.indices, second?.indices)
    assert.notEqual(first?.images, second?.images)
    assert.notEqual(first?.images, other?.images)
  })

  it('holds out a stratified part that depends on the seed alone', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 60, 8)
    const { ref } = await scanned(folder, 'idx')
    const part = async (use: 'held-out' | 'rest', seed: number) => {
      const heldOut = { fraction: 0.2, seed, use }
      const batches = await all(
        loaderOptions(ref, { heldOut, order: 'sequential', dropLast: false, epochs: 1 }),
      )
      return batches.flatMap(({ indices }) => indices)
    }
    const held = await part('held-out', 1)
    assert.equal(held.length, 12)
    for (const label of [0, 1, 2]) assert.equal(held.filter(index => index % 3 === label).length, 4)
    const both = [...held, ...(await part('rest', 1))].sort((one, other) => one - other)
    assert.deepEqual(
      both,
      Array.from({ length: 60 }, (_, at) => at),
    )
    assert.notDeepEqual(await part('held-out', 2), held)
  })
})

describe('loader on bad images', () => {
  it('replaces a bad image in training by the next of the order, and names it', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg']))
    const { ref, scan } = await scanned(folder, 'image-folder')
    const count = scan.splits[0]!.count
    const options = loaderOptions(ref, { channels: 3, batchSize: 5, epochs: 1, maxBadFraction: 0.1 })
    const batches = await all(options)
    const bad = batches.flatMap(batch => batch.bad)
    assert.equal(bad.length, 1)
    assert.equal(bad[0]?.name, 'train/a/bad-0-truncated.jpg')
    assert.match(bad[0]?.problem ?? '', /cut short/)
    const order = [...permutation(5, 0, count)]
    const place = order.indexOf(bad[0]!.index)
    order[place] = order[(place + 1) % count]!
    assert.deepEqual(
      batches.flatMap(({ indices }) => indices),
      order.slice(0, 15),
    )
  })

  it('leaves a bad image out of an evaluation', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg', 'truncated.png']))
    const { ref } = await scanned(folder, 'image-folder')
    for (const threads of [0, 2]) {
      const options = loaderOptions(ref, { channels: 3, batchSize: 3, epochs: 1, dropLast: false })
      const batches = await all({ ...options, order: 'sequential', maxBadFraction: 0.2, threads })
      assert.equal(batches.flatMap(({ bad }) => bad).length, 2)
      assert.deepEqual(
        batches.flatMap(({ indices }) => indices),
        [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15],
      )
    }
  })

  it('fails once more than the allowed share is bad, naming files, share and field', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures(['truncated.jpg', 'truncated.png']))
    const { ref } = await scanned(folder, 'image-folder')
    for (const threads of [0, 2]) {
      await assert.rejects(
        all(loaderOptions(ref, { channels: 3, batchSize: 4, threads, maxBadFraction: 0.1 })),
        {
          code: 'data-invalid',
          message:
            /2 of 16 images \(12\.5 %\) .*data\.maxBadFraction allows 10 %.*bad-0-truncated\.jpg \(a JPEG image that is cut short/,
        },
      )
    }
  })

  it('counts files that have vanished since the scan, and ends when all have', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, pictures())
    const { ref } = await scanned(folder, 'image-folder')
    await rm(join(folder, 'train/a/0-rgb.png'))
    const batches = await all(
      loaderOptions(ref, { channels: 3, epochs: 1, batchSize: 14, maxBadFraction: 0.1 }),
    )
    assert.match(batches[0]?.bad[0]?.problem ?? '', /0-rgb\.png: cannot be read: it does not exist/)
    await rm(join(folder, 'train'), { recursive: true })
    await assert.rejects(all(loaderOptions(ref, { channels: 3, maxBadFraction: 1 })), {
      code: 'data-invalid',
    })
  })
})

describe('loader in trouble', () => {
  it('reports transforms that miss the input size, with any number of threads', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 30, 8)
    const { ref } = await scanned(folder, 'idx')
    for (const threads of [0, 2]) {
      await assert.rejects(all(loaderOptions(ref, { transforms: [], height: 16, width: 16, threads })), {
        code: 'invalid-config',
        message: /they give 8 × 8 pixels, the network takes 16 × 16/,
      })
    }
  })

  it('fails instead of hanging when a thread cannot start', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 30, 8)
    const { ref } = await scanned(folder, 'idx')
    const loader = await openLoader(
      loaderOptions(ref, { threads: 2, transforms: [{ name: 'resize-exact' }] }),
    )
    await loader.close()
    await assert.rejects(loader.next(), { code: 'cancelled' })
    await loader.close()
  })

  it('says so when batches are never released', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 90, 8)
    const { ref } = await scanned(folder, 'idx')
    for (const threads of [0, 1]) {
      const loader = await openLoader(loaderOptions(ref, { threads, prefetch: 1 }))
      const hold = async () => {
        for (let taken = 0; taken < 10; taken++) await loader.next()
      }
      await assert.rejects(hold(), { code: 'internal', message: /release\(\)/ })
      await loader.close()
    }
  })

  it('refuses a split that is not there and an index that is damaged', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 30, 8)
    const { ref, scan } = await scanned(folder, 'idx')
    await assert.rejects(openLoader(loaderOptions(ref, { split: 'test' })), {
      code: 'not-found',
      message: /It has: train/,
    })
    for (const at of [3, 9, 20, scan.index.length - 9]) {
      const damaged = Uint8Array.from(scan.index)
      damaged[at] = (damaged[at] as number) ^ 1
      await writeFile(ref.indexPath, damaged)
      await assert.rejects(openLoader(loaderOptions(ref)), {
        code: 'data-invalid',
        message: /Scan the data set again/,
      })
    }
    await writeFile(ref.indexPath, scan.index.subarray(0, 30))
    await assert.rejects(openLoader(loaderOptions(ref)), { code: 'data-invalid' })
    await rm(ref.indexPath)
    await assert.rejects(openLoader(loaderOptions(ref)), { code: 'data-unreadable', message: /\.index/ })
  })
})
