/** IDX and CIFAR files: what is read, and what is refused with which words. */
import assert from 'node:assert/strict'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openDataset } from '../../../core/data/index.ts'
import { readers } from '../../../core/datasets/index.ts'
import type { Image } from '../../../core/transforms/shared/transform.ts'
import { idxBytes, scanned, silent, temporaryFolder, writeIdx } from '../data/datasetFixtures.ts'

const scan = (name: string, path: string, options = {}) =>
  readers.create({ name, options }).scan(path, silent)

async function pixelsOf(
  ...[ref, split, index]: [Parameters<typeof openDataset>[0], 'train' | 'test', number]
): Promise<Image> {
  const dataset = await openDataset(ref)
  const sample = await dataset.splits[split]!.read(index)
  assert.ok(sample.kind === 'pixels')
  return sample.image
}

describe('idx reader', () => {
  it('reads train, validation and test files, plain or gzip, with either punctuation', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 12, 4)
    await writeIdx(folder, 'val', 6, 4)
    const test10k = Uint8Array.from({ length: 3 * 16 }, (_, at) => at)
    await writeFile(join(folder, 't10k-images.idx3-ubyte.gz'), gzipSync(idxBytes([3, 4, 4], test10k)))
    await writeFile(
      join(folder, 't10k-labels.idx1-ubyte.gz'),
      gzipSync(idxBytes([3], Uint8Array.of(2, 1, 0))),
    )
    const { scan, ref } = await scanned(folder, 'idx')
    assert.deepEqual(scan.classes, ['0', '1', '2'])
    assert.deepEqual(scan.splits, [
      { name: 'train', count: 12, classCounts: [4, 4, 4] },
      { name: 'val', count: 6, classCounts: [2, 2, 2] },
      { name: 'test', count: 3, classCounts: [1, 1, 1] },
    ])
    assert.deepEqual(scan.imageSize, { width: 4, height: 4, channels: 1 })
    const image = await pixelsOf(ref, 'test', 1)
    assert.deepEqual(
      [...image.data],
      Array.from({ length: 16 }, (_, at) => 16 + at),
    )
    const dataset = await openDataset(ref)
    assert.deepEqual([...dataset.splits.test!.labels], [2, 1, 0])
    assert.equal(dataset.splits.test!.name(1), 't10k-images.idx3-ubyte.gz #1')
  })

  const images = idxBytes([4, 2, 2], new Uint8Array(16))
  const labels = idxBytes([4], Uint8Array.of(0, 1, 0, 1))
  const broken: readonly (readonly [what: string, files: Record<string, Uint8Array>, message: RegExp])[] = [
    [
      'a missing labels file',
      { 'train-images-idx3-ubyte': images },
      /labels file train-labels-idx1-ubyte .* is missing/,
    ],
    [
      'a cut file',
      pair(images.subarray(0, 30), labels),
      /promises 4 images of 2 × 2 \(32 bytes\), found 30 bytes/,
    ],
    [
      'a wrong number of labels',
      pair(images, idxBytes([3], Uint8Array.of(0, 1, 0))),
      /3 labels for 4 images/,
    ],
    ['cut labels', pair(images, labels.subarray(0, 10)), /promises 4 labels, found 2/],
    [
      'something else',
      pair(Buffer.from('<html>not found</html>'), labels),
      /expected an IDX file that begins 0x00000803/,
    ],
    ['an empty file', pair(new Uint8Array(0), labels), /found 0 bytes/],
    [
      'huge images',
      pair(idxBytes([1, 100000, 1], new Uint8Array(1)), labels),
      /expected sides from 1 to 4096/,
    ],
    ['damaged gzip', pair(Buffer.concat([gzipSync(images).subarray(0, 20)]), labels), /damaged gzip file/],
    [
      'no images',
      pair(idxBytes([0, 2, 2], new Uint8Array(0)), idxBytes([0], new Uint8Array(0))),
      /hold no images/,
    ],
    ['one class', pair(images, idxBytes([4], new Uint8Array(4))), /every image has label 0/],
    ['nothing', {}, /expected files such as train-images-idx3-ubyte/],
  ]
  for (const [what, files, message] of broken) {
    it(`refuses ${what}`, async test => {
      const folder = await temporaryFolder(test)
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
      await assert.rejects(scan('idx', folder), { code: 'data-invalid', message })
      await assert.rejects(scan('idx', folder), (error: Error) => error.message.includes(folder))
    })
  }

  it('refuses two families in one folder', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'emnist-letters-train', 6, 2)
    await writeIdx(folder, 'emnist-digits-train', 6, 2)
    await assert.rejects(scan('idx', folder), {
      code: 'data-invalid',
      message: /Keep one family to a folder/,
    })
  })

  it('notices that a file has changed since the scan', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 12, 4)
    const { ref } = await scanned(folder, 'idx')
    await writeIdx(folder, 'train', 13, 4)
    await assert.rejects(pixelsOf(ref, 'train', 0), {
      code: 'data-invalid',
      message: /Scan the data set again/,
    })
  })

  it('stops when it is cancelled', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 12, 4)
    const stop = () => {
      throw new Error('stopped')
    }
    const reader = readers.create({ name: 'idx' })
    await assert.rejects(reader.scan(folder, { progress: () => {}, throwIfCancelled: stop }), /stopped/)
  })
})

describe('cifar readers', () => {
  /** A record: its labels, then planes whose values are their channel plus the number of the record. */
  const record = (labels: readonly number[], number: number): Buffer => {
    const planes = [0, 100, 200].map(channel => Buffer.alloc(1024, channel + number))
    return Buffer.concat([Buffer.from(labels), ...planes])
  }

  it('reads CIFAR-10 from the archive folder or the one above it', async test => {
    const folder = await temporaryFolder(test)
    const inner = join(folder, 'cifar-10-batches-bin')
    await mkdir(inner)
    await writeFile(join(inner, 'data_batch_1.bin'), Buffer.concat([record([3], 0), record([4], 1)]))
    await writeFile(join(inner, 'data_batch_2.bin'), record([9], 2))
    await writeFile(join(inner, 'test_batch.bin'), record([0], 3))
    await writeFile(
      join(inner, 'batches.meta.txt'),
      'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n',
    )
    for (const path of [folder, inner]) {
      const { scan, ref } = await scanned(path, 'cifar10')
      assert.equal(scan.classes[3], 'cat')
      assert.deepEqual(
        scan.splits.map(({ name, count }) => [name, count]),
        [
          ['train', 3],
          ['test', 1],
        ],
      )
      assert.match(
        scan.problems[0]!.problem,
        /no images of 7 classes: airplane, automobile, bird, dog, frog, and 2 more/,
      )
      const image = await pixelsOf(ref, 'train', 2)
      assert.deepEqual([image.width, image.height, image.channels], [32, 32, 3])
      assert.deepEqual([...image.data.subarray(0, 6)], [2, 102, 202, 2, 102, 202])
      const { train } = (await openDataset(ref)).splits
      assert.deepEqual([...train!.labels], [3, 4, 9])
      assert.equal(train!.name(2), 'data_batch_2.bin #0')
    }
  })

  it('reads CIFAR-100 by fine or coarse labels', async test => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'train.bin'), Buffer.concat([record([19, 99], 0), record([1, 2], 1)]))
    await writeFile(join(folder, 'test.bin'), record([0, 50], 2))
    const labels = async (options: Record<string, unknown>) => {
      const { ref, scan } = await scanned(folder, 'cifar100', options)
      assert.match(scan.problems[0]?.problem ?? '', /missing: classes are shown as numbers/)
      return [scan.classes.length, ...(await openDataset(ref)).splits.train!.labels]
    }
    assert.deepEqual(await labels({}), [100, 99, 2])
    assert.deepEqual(await labels({ labels: 'coarse' }), [20, 19, 1])
    assert.throws(() => readers.create({ name: 'cifar100', options: { labels: 'rough' } }), {
      code: 'invalid-config',
    })
  })

  it('refuses a wrong size, a label out of range and an empty file, naming the file', async test => {
    const folder = await temporaryFolder(test)
    const file = join(folder, 'data_batch_1.bin')
    await writeFile(file, record([3], 0).subarray(1))
    await assert.rejects(scan('cifar10', folder), {
      code: 'data-invalid',
      message: /data_batch_1\.bin: 3072 bytes; expected a multiple of 3073 bytes/,
    })
    await writeFile(file, record([10], 0))
    await assert.rejects(scan('cifar10', folder), {
      message: /data_batch_1\.bin: record 0 has label 10; expected 0 to 9/,
    })
    await writeFile(file, '')
    await assert.rejects(scan('cifar10', folder), {
      code: 'data-invalid',
      message: /data_batch_1\.bin: 0 bytes/,
    })
    await rename(file, join(folder, 'other.bin'))
    await assert.rejects(scan('cifar10', folder), {
      code: 'data-invalid',
      message: /expected files such as data_batch_1\.bin/,
    })
  })
})

function pair(images: Uint8Array, labels: Uint8Array): Record<string, Uint8Array> {
  return { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels }
}
