/** Packing into TFRecord files: what is written, read by others; and going on after an interruption. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import sharp from 'sharp'
import { openDataset, packDataset } from '../../../core/data/index.ts'
import { defaultPackOptions } from '../../../core/data/pack/types.ts'
import type { DatasetRef, ScanWatcher } from '../../../core/datasets/shared/reader.ts'
import { AppError } from '../../../core/errors/index.ts'
import { scanned, silent, temporaryFolder, writeIdx, writePictures } from './datasetFixtures.ts'

/** npm's @roboflow/tfrecords: an independent reader with Google's own protobuf. It has no types. */
interface Feature {
  readonly int64List?: { readonly valueList: readonly number[] }
  readonly bytesList?: { readonly valueList: readonly string[] }
}
const require = createRequire(import.meta.url)
const { TFRecordsReader } = require('@roboflow/tfrecords/src/tensorFlowReader.js') as {
  TFRecordsReader: new (bytes: Buffer) => {
    toArray(): { readonly context: { readonly featureMap: readonly (readonly [string, Feature])[] } }[]
  }
}

async function readByOthers(file: string): Promise<Record<string, number | Buffer>[]> {
  const records = new TFRecordsReader(await readFile(file)).toArray()
  return records.map(({ context }) =>
    Object.fromEntries(
      context.featureMap.map(([key, { int64List, bytesList }]) => [
        key,
        int64List ? int64List.valueList[0]! : Buffer.from(bytesList!.valueList[0]!, 'base64'),
      ]),
    ),
  )
}

const fixtures = ['rgb.jpg', 'grey.jpg', 'cmyk.jpg', 'progressive.jpg', 'rgb.png', 'rgb.webp', 'animated.gif']

/** Two classes with the same pictures, eight a split. */
async function pictures(test: TestContext): Promise<{ folder: string; out: string; ref: DatasetRef }> {
  const base = await temporaryFolder(test)
  const folder = join(base, 'pictures')
  const files: Record<string, string> = {}
  for (const split of ['train', 'val'])
    for (const name of ['cat', 'dog']) fixtures.forEach(each => (files[`${split}/${name}/${each}`] = each))
  await writePictures(folder, files)
  return { folder, out: join(base, 'packed'), ref: (await scanned(folder, 'image-folder')).ref }
}

describe('packing', () => {
  it("writes slim's schema, which another reader understands, with files kept byte by byte", async test => {
    const { folder, out, ref } = await pictures(test)
    const report = await packDataset(ref, out, { ...defaultPackOptions, shards: 2 }, silent, 2)
    assert.deepEqual(
      report.splits.map(({ name, files, records }) => [name, files, records]),
      [
        ['train', 2, 14],
        ['val', 2, 14],
      ],
    )
    assert.deepEqual((await readdir(out)).sort(), [
      'labels.txt',
      'pack.json',
      'train-00000-of-00002',
      'train-00001-of-00002',
      'validation-00000-of-00002',
      'validation-00001-of-00002',
    ])
    assert.equal(await readFile(join(out, 'labels.txt'), 'utf8'), '0:cat\n1:dog\n')
    const records = [
      ...(await readByOthers(join(out, 'train-00000-of-00002'))),
      ...(await readByOthers(join(out, 'train-00001-of-00002'))),
    ]
    assert.equal(records.length, 14)
    const names = records.map(record => String(record['image/filename']))
    assert.notDeepEqual(names, names.toSorted(), 'shuffled')
    for (const record of records) {
      const name = String(record['image/filename'])
      const image = record['image/encoded'] as Buffer
      const isCat = name.startsWith('train/cat/')
      assert.equal(record['image/class/label'], isCat ? 0 : 1)
      assert.equal(String(record['image/class/text']), isCat ? 'cat' : 'dog')
      const source = await readFile(join(folder, name))
      const { width, height } = await sharp(source).metadata()
      assert.deepEqual([record['image/width'], record['image/height']], [width, height])
      const isKept = /\.(jpg|png)$/.test(name)
      assert.equal(String(record['image/format']), /\.jpg$/.test(name) ? 'JPEG' : 'PNG')
      assert.equal((await sharp(image).metadata()).format, /\.jpg$/.test(name) ? 'jpeg' : 'png')
      if (isKept) assert.deepEqual(image, source)
    }
  })

  it('gives the same data set when it is read again, with labels from 0 or from 1', async test => {
    const { out, ref } = await pictures(test)
    for (const labelOffset of [0, 1] as const) {
      await packDataset(ref, out, { ...defaultPackOptions, labelOffset }, silent, 1)
      const again = await scanned(out, 'tfrecord')
      assert.deepEqual(again.scan.classes, ['cat', 'dog'])
      assert.deepEqual(
        again.scan.splits.map(({ name, classCounts }) => [name, classCounts]),
        [
          ['train', [7, 7]],
          ['val', [7, 7]],
        ],
      )
      assert.equal(again.scan.problems.length, labelOffset)
      const [record] = await readByOthers(join(out, 'train-00000-of-00001'))
      const isCat = String(record!['image/class/text']) === 'cat'
      assert.equal(record!['image/class/label'], (isCat ? 0 : 1) + labelOffset)
      await rm(out, { recursive: true })
    }
  })

  it('does not depend on the number of threads, and does on the seed', async test => {
    const { out, ref } = await pictures(test)
    const packed = async (name: string, threads: number, seed: number): Promise<Buffer[]> => {
      await packDataset(ref, `${out}-${name}`, { ...defaultPackOptions, shards: 3, seed }, silent, threads)
      return Promise.all([0, 1, 2].map(at => readFile(join(`${out}-${name}`, `train-0000${at}-of-00003`))))
    }
    const one = await packed('one', 1, 0)
    assert.deepEqual(await packed('two', 2, 0), one)
    assert.notDeepEqual(await packed('other', 2, 1), one)
  })

  it('makes pictures smaller, to a shorter side, and never larger', async test => {
    const { folder, out } = await pictures(test)
    const wide = sharp({ create: { width: 200, height: 100, channels: 3, background: '#4080c0' } })
    await wide.jpeg().toFile(join(folder, 'train/cat/wide.jpg'))
    const { ref } = await scanned(folder, 'image-folder')
    await packDataset(ref, out, { ...defaultPackOptions, splits: ['train'], shorterSide: 50 }, silent, 1)
    const records = await readByOthers(join(out, 'train-00000-of-00001'))
    for (const record of records) {
      const { format, width, height } = await sharp(record['image/encoded'] as Buffer).metadata()
      assert.equal(format, 'jpeg')
      assert.deepEqual([record['image/width'], record['image/height']], [width, height])
      const isWide = String(record['image/filename']).endsWith('wide.jpg')
      if (isWide) assert.deepEqual([width, height], [100, 50])
      else assert.ok(width <= 24, 'as small as it was')
    }
  })

  it('writes bare pixels as PNG, without loss', async test => {
    const base = await temporaryFolder(test)
    await mkdir(join(base, 'digits'))
    await writeIdx(join(base, 'digits'), 'train', 30, 6)
    const { ref } = await scanned(join(base, 'digits'), 'idx')
    await packDataset(ref, join(base, 'out'), defaultPackOptions, silent, 2)
    const { ref: again } = await scanned(join(base, 'out'), 'tfrecord')
    const dataset = await openDataset(again)
    const train = dataset.splits.train!
    for (let at = 0; at < 30; at++) {
      const sample = await train.read(at)
      assert.ok(sample.kind === 'encoded')
      const { data, info } = await sharp(sample.bytes)
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true })
      assert.equal(info.channels, 1)
      assert.equal(data[0]! % 3, train.labels[at]) // pixels tell the image's number
    }
    await dataset.close()
  })

  it('leaves out and names what cannot be read', async test => {
    const { folder, out, ref } = await pictures(test)
    await rm(join(folder, 'train/cat/rgb.jpg'))
    await writeFile(join(folder, 'train/dog/rgb.webp'), 'RIFF0000WEBPnonsense')
    const report = await packDataset(ref, out, defaultPackOptions, silent, 1)
    assert.equal(report.leftOutCount, 2)
    assert.deepEqual(report.leftOut.map(({ file }) => file).sort(), [
      'train/cat/rgb.jpg',
      'train/dog/rgb.webp',
    ])
  })
})

describe('an interrupted packing', () => {
  /** Cancels once some images are written. */
  function cancelAfter(images: number): ScanWatcher {
    let isCancelled = false
    return {
      progress: (phase, done) => (isCancelled ||= phase === 'Writing images' && done >= images),
      throwIfCancelled: () => {
        if (isCancelled) throw new AppError('cancelled', 'cancelled')
      },
    }
  }

  it('keeps what is complete and goes on with the rest', async test => {
    const base = await temporaryFolder(test)
    await mkdir(join(base, 'digits'))
    await writeIdx(join(base, 'digits'), 'train', 800, 6)
    const { ref } = await scanned(join(base, 'digits'), 'idx')
    const options = { ...defaultPackOptions, shards: 25 }
    const out = join(base, 'out')
    await assert.rejects(packDataset(ref, out, options, cancelAfter(50), 1), { code: 'cancelled' })
    const before = (await readdir(out)).filter(name => name.startsWith('train-'))
    assert.ok(before.length >= 1 && before.length < 25, `${before.length} files`)
    assert.ok(before.every(name => !name.endsWith('.part')))
    // One is damaged meanwhile, and one was being written when the process died.
    const damaged = await readFile(join(out, before[0]!))
    damaged[20]! ^= 1
    await writeFile(join(out, before[0]!), damaged)
    await writeFile(join(out, 'train-00024-of-00025.part'), 'half')
    const report = await packDataset(ref, out, options, silent, 2)
    assert.equal(report.keptFiles, before.length - 1)
    assert.equal(report.splits[0]?.records, 800)
    const { scan } = await scanned(out, 'tfrecord')
    assert.deepEqual(scan.problems, [])
    assert.equal(scan.splits[0]?.count, 800)
    assert.ok(!(await readdir(out)).some(name => name.endsWith('.part')))
  })

  it('is not mixed with another', async test => {
    const { out, ref } = await pictures(test)
    await packDataset(ref, out, defaultPackOptions, silent, 1)
    await assert.rejects(packDataset(ref, out, { ...defaultPackOptions, seed: 1 }, silent, 1), {
      code: 'conflict',
      message: /packed differently: seed was 0 and is 1 now/,
    })
    await writeFile(join(out, 'pack.json'), '{}')
    await assert.rejects(packDataset(ref, out, defaultPackOptions, silent, 1), {
      code: 'conflict',
      message: /expected an empty folder or one of an interrupted packing, found labels\.txt/,
    })
  })
})
