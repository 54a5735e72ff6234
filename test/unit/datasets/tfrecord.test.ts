/** TFRecord files: those of another writer, labels that count from 1, and damage. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { detectReader, openDataset, openLoader } from '../../../core/data/index.ts'
import { readers } from '../../../core/datasets/index.ts'
import { crc32c, crc32cByTable, maskedCrc32c } from '../../../core/datasets/shared/tfrecord/crc32c.ts'
import { readExample, writeExample } from '../../../core/datasets/shared/tfrecord/example.ts'
import { parseLabelsFile } from '../../../core/datasets/shared/tfrecord/labels.ts'
import { frameRecord, readHead } from '../../../core/datasets/shared/tfrecord/record.ts'
import { parseShardName } from '../../../core/datasets/shared/tfrecord/shardNames.ts'
import { readFixture } from '../../fixtures/images/formula.ts'
import { loaderOptions, scanned, silent, temporaryFolder } from '../data/datasetFixtures.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/tfrecord')
const expected = JSON.parse(await readFile(join(fixtures, 'expected.json'), 'utf8'))
const reader = (options = {}) => readers.create({ name: 'tfrecord', options })

/** A copy of one of the sets that another writer made. */
async function copyOf(test: TestContext, name: 'imagenet' | 'flowers'): Promise<string> {
  const folder = await temporaryFolder(test)
  await cp(join(fixtures, name), folder, { recursive: true })
  return folder
}

/** Writes records of a picture with these labels. */
async function writeLabels(folder: string, name: string, labels: readonly number[]): Promise<void> {
  const image = await readFixture('rgb.jpg')
  const rest = { image, format: 'JPEG', height: 16, width: 24, channels: 3, text: '', synset: '' } as const
  const records = labels.map((label, at) =>
    frameRecord(writeExample({ ...rest, label, filename: `${at}.jpg` })),
  )
  await writeFile(join(folder, name), Buffer.concat(records))
}

describe('the format of TFRecord', () => {
  it('has the checksums that crcmod computes', () => {
    for (const { hex, crc, masked } of expected.crc32c) {
      const bytes = Buffer.from(hex, 'hex')
      assert.equal(crc32c(bytes), crc)
      assert.equal(crc32cByTable(bytes), crc)
      assert.equal(maskedCrc32c(bytes), masked)
    }
    // RFC 3720, B.4: 32 bytes of zeros.
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
  })

  it('has the same checksums by table and by the addon, at any length and place', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => (at * 2654435761) >>> 13)
    for (let from = 0; from < 9; from++)
      for (let length = 0; from + length <= 300; length += 13) {
        const part = bytes.subarray(from, from + length)
        assert.equal(crc32c(part), crc32cByTable(part))
      }
  })

  it('checks the length before anything is made of it, and refuses absurd ones', () => {
    const record = Buffer.from(frameRecord(Buffer.from('contents')))
    assert.deepEqual(readHead(record, 0, record.length - 12), { length: 8 })
    record[1]! ^= 1
    assert.deepEqual(readHead(record, 0, record.length - 12), { problem: 'its length fails its checksum' })
    record.writeBigUInt64LE(2n ** 60n)
    record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8)
    const head = readHead(record, 0, 2 ** 61)
    assert.match('problem' in head ? head.problem : '', /claims 1152921504606847000 bytes, more than/)
  })

  it('names its files in many ways', () => {
    const of = (name: string, folder?: string) => parseShardName(name, folder)
    assert.deepEqual(of('train-00003-of-01024'), {
      stem: 'train',
      split: 'train',
      place: { at: 3, of: 1024 },
    })
    assert.equal(of('validation-00000-of-00128')?.split, 'val')
    assert.equal(of('flowers_validation_00001-of-00005.tfrecord')?.split, 'val')
    assert.equal(of('imagenet2012-test.tfrecord-00000-of-00002')?.split, 'test')
    assert.equal(of('cifar10_test.tfrecord')?.split, 'test')
    assert.equal(of('birds.tfrecords', 'valid')?.split, 'val')
    assert.equal(of('trainee.jpg'), null)
  })

  it('reads negative labels and the keys of TensorFlow Datasets', () => {
    const { label, image } = readExample(Buffer.from(expected.negative, 'hex'))
    assert.equal(image.length, 3)
    assert.equal(label, -1)
  })
})

describe('tfrecord', () => {
  it("reads slim's ImageNet form from another writer, and says that labels count from 1", async () => {
    const path = join(fixtures, 'imagenet')
    assert.equal((await detectReader(path)).reader, 'tfrecord')
    const scan = await reader().scan(path, silent)
    assert.deepEqual(scan.classes, ['n01440764', 'n01443537', 'n01484850'])
    assert.deepEqual(scan.splits, [
      { name: 'train', count: 5, classCounts: [2, 1, 2] },
      { name: 'val', count: 2, classCounts: [0, 1, 1] },
    ])
    assert.deepEqual(scan.imageSize, { width: 24, height: 16, channels: 3 })
    assert.equal(scan.problems.length, 2)
    assert.match(
      scan.problems[0]!.problem,
      /labels run from 1 to 3, and the records have synsets.*label 1 became class 0/,
    )
    assert.deepEqual(scan.problems[1], { file: 'val', problem: 'no images of 1 class: n01440764' })
  })

  it('gives the pictures that were written, also to the loader, also CMYK and PNG', async test => {
    const { ref } = await scanned(await copyOf(test, 'imagenet'), 'tfrecord')
    const dataset = await openDataset(ref)
    const train = dataset.splits.train!
    const wanted = [
      ...expected['imagenet/train-00000-of-00002'],
      ...expected['imagenet/train-00001-of-00002'],
    ]
    for (const [at, { label, sha256 }] of wanted.entries()) {
      const sample = await train.read(at)
      assert.ok(sample.kind === 'encoded')
      assert.equal(createHash('sha256').update(sample.bytes).digest('hex'), sha256)
      assert.equal(train.labels[at], label - 1)
    }
    assert.equal(train.name(4), 'train-00001-of-00002 #1')
    await dataset.close()
    for (const threads of [0, 2]) {
      const loader = await openLoader(loaderOptions(ref, { batchSize: 5, channels: 3, threads, epochs: 1 }))
      const batch = await loader.next()
      assert.equal(batch?.bad.length, 0)
      assert.equal(batch?.count, 5)
      await loader.close()
    }
  })

  it('reads flowers with labels from 0, named by labels.txt', async () => {
    const scan = await reader().scan(join(fixtures, 'flowers'), silent)
    assert.deepEqual(scan.classes, ['daisy', 'roses', 'tulips'])
    assert.deepEqual(scan.splits, [{ name: 'train', count: 3, classCounts: [1, 1, 1] }])
    assert.deepEqual(scan.problems, [])
  })

  it('tells of missing files of a numbered set', async test => {
    const folder = await copyOf(test, 'imagenet')
    await rm(join(folder, 'train-00000-of-00002'))
    const { problems } = await reader().scan(folder, silent)
    const told = problems.find(({ file }) => file === 'train-*-of-00002')
    assert.equal(told?.problem, '1 of 2 files are missing: 00000; read without them')
  })
})

describe('labels of TFRecord files', () => {
  it('that count from 0 stay, and those that count from 1 are moved and told', async test => {
    const folder = await temporaryFolder(test)
    await writeLabels(folder, 'a.tfrecord', [0, 1, 2])
    assert.deepEqual((await reader().scan(folder, silent)).classes, ['0', '1', '2'])
    await writeLabels(folder, 'a.tfrecord', [1, 2, 3])
    const { classes, problems } = await reader().scan(folder, silent)
    assert.deepEqual(classes, ['1', '2', '3'])
    assert.match(problems[0]!.problem, /labels run from 1 to 3, and none is 0/)
    assert.deepEqual((await reader({ labelOffset: '0' }).scan(folder, silent)).classes, ['0', '1', '2', '3'])
  })

  it('one too high for labels.txt are explained, and refused where the offset is fixed', async test => {
    const folder = await temporaryFolder(test)
    await writeLabels(folder, 'a.tfrecord', [1, 2, 3])
    await writeFile(join(folder, 'labels.txt'), '0:cat\n1:dog\n2:eel\n')
    const { classes, problems, splits } = await reader().scan(folder, silent)
    assert.deepEqual(classes, ['cat', 'dog', 'eel'])
    assert.deepEqual(splits[0]?.classCounts, [1, 1, 1])
    assert.match(problems[0]!.problem, /labels\.txt names 0 to 2: they are one higher/)
    await assert.rejects(reader({ labelOffset: '0' }).scan(folder, silent), {
      code: 'data-invalid',
      message: /labels run up to 3, labels\.txt names 0 to 2: they are one too high.*labelOffset to 1/,
    })
  })

  it('outside the classes are named and left out', async test => {
    const folder = await temporaryFolder(test)
    await writeLabels(folder, 'a.tfrecord', [0, 7, 1, 5_000_000])
    await writeFile(join(folder, 'labels.txt'), '0:cat\n1:dog\n2:eel\n')
    const { splits, problems } = await reader().scan(folder, silent)
    assert.equal(splits[0]?.count, 2)
    const told = problems.map(({ problem }) => problem).join('\n')
    assert.match(told, /record 1 at byte \d+: label 7 is outside the classes: expected 0 to 2; left out/)
    assert.match(told, /record 3 at byte \d+: label 5000000 is outside/)
    assert.match(told, /no images of 1 class: eel/)
  })

  it('of a background are left out where classes count from 1', async test => {
    const folder = await temporaryFolder(test)
    await writeLabels(folder, 'a.tfrecord', [0, 1, 2])
    const { splits, problems } = await reader({ labelOffset: '1' }).scan(folder, silent)
    assert.equal(splits[0]?.count, 2)
    assert.match(problems[0]!.problem, /record 0 at byte 0: label 0 is the background: expected 1 to 2/)
  })

  it('that differ by one between splits are refused', async test => {
    const folder = await temporaryFolder(test)
    await writeLabels(folder, 'train-00000-of-00001', [0, 1, 2])
    await writeLabels(folder, 'validation-00000-of-00001', [1, 2, 3])
    await assert.rejects(reader().scan(folder, silent), {
      message: /labels of val run 1 to 3, those of train 0 to 2: one of them is off by one/,
    })
  })

  it('need lines of id:name in labels.txt', () => {
    assert.throws(() => parseLabelsFile('labels.txt', '0:cat\ndog\n'), {
      message: /line 2: expected 'id:name', found 'dog'/,
    })
    assert.throws(() => parseLabelsFile('labels.txt', '0:cat\n0:dog\n'), {
      message: /line 2: label 0 is there twice/,
    })
  })
})

describe('damaged TFRecord files', () => {
  const file = 'train-00000-of-00002'

  it('lose the damaged record alone, which is named by file, number and byte', async test => {
    const folder = await copyOf(test, 'imagenet')
    const bytes = await readFile(join(folder, file))
    const second = 12 + Number(bytes.readBigUInt64LE(0)) + 4
    for (const [at, problem] of [
      [second + 300, /record 1 at byte \d+: its contents fail their checksum; left out, and read on at byte/],
      [second + 2, /record 1 at byte \d+: its length fails its checksum; left out, and read on at byte/],
      [second + 9, /record 1 at byte \d+: its length fails its checksum; left out/],
    ] as const) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 0x10
      await writeFile(join(folder, file), damaged)
      const { splits, problems } = await reader().scan(folder, silent)
      assert.equal(splits[0]?.count, 4, String(at))
      assert.match(problems.find(each => each.file === file)?.problem ?? '', problem)
    }
  })

  it('that end too early keep what is whole', async test => {
    const folder = await copyOf(test, 'imagenet')
    const { length } = await readFile(join(folder, file))
    for (const [cut, problem] of [
      [
        length - 3,
        /record 2 at byte \d+: it is cut short: \d+ bytes are to follow, \d+ do; it and all that follows/,
      ],
      [5, /record 0 at byte 0: it is cut short: 5 bytes where its head has 12/],
      [0, /an empty file/],
    ] as const) {
      await truncate(join(folder, file), cut)
      const { splits, problems } = await reader().scan(folder, silent)
      assert.equal(splits[0]?.count, cut > 100 ? 4 : 2)
      assert.match(problems.find(each => each.file === file)?.problem ?? '', problem)
    }
  })

  it('of which nothing is left are refused with an example', async test => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'train-00000-of-00001'), Buffer.alloc(100_000, 7))
    await assert.rejects(reader().scan(folder, silent), {
      code: 'data-invalid',
      message:
        /no record of its files can be used: train-00000-of-00001: record 0 at byte 0: its length fails/,
    })
    await writeFile(join(folder, 'train-00000-of-00001'), frameRecord(Buffer.from('no message at all')))
    await assert.rejects(reader().scan(folder, silent), {
      message: /record 0 at byte 0: a field of it has no end/,
    })
  })

  it('are noticed when they change after the scan', async test => {
    const folder = await copyOf(test, 'imagenet')
    const { ref } = await scanned(folder, 'tfrecord')
    const bytes = await readFile(join(folder, file))
    bytes[300]! ^= 1
    await writeFile(join(folder, file), bytes)
    const damaged = await openDataset(ref)
    await assert.rejects(damaged.splits.train!.read(0), {
      message: /train-00000-of-00002 #0: a record that fails its checksum/,
    })
    await damaged.close()
    await truncate(join(folder, file), 1000)
    const shorter = await openDataset(ref)
    await assert.rejects(shorter.splits.train!.read(1), { message: /it has changed since it was scanned/ })
    await shorter.close()
  })

  it('can be left in the middle of a scan', async () => {
    const cancelled = { progress: () => {}, throwIfCancelled: () => assert.fail('cancelled') }
    await assert.rejects(reader().scan(join(fixtures, 'imagenet'), cancelled), /cancelled/)
  })
})
