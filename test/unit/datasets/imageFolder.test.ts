/** Folders of pictures: layouts, dirt, and what is said about it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { detectReader, openDataset } from '../../../core/data/index.ts'
import { readers } from '../../../core/datasets/index.ts'
import { readMatFile } from '../../../core/datasets/shared/matFile.ts'
import { AppError } from '../../../core/errors/index.ts'
import { fixturePath, readFixture } from '../../fixtures/images/formula.ts'
import { scanned, silent, temporaryFolder, writeIdx, writePictures } from '../data/datasetFixtures.ts'

const reader = () => readers.create({ name: 'image-folder' })
const two = { 'train/cat/1.jpg': 'rgb.jpg', 'train/dog/1.jpg': 'rgb.jpg' }

describe('image-folder layouts', () => {
  it('reads train, val and test with one folder a class, classes sorted by name', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, {
      ...two,
      'train/dog/2.png': 'rgb.png',
      'train/Ant/x.gif': 'animated.gif',
      'validation/dog/3.webp': 'rgb.webp',
      'validation/cat/deep/er/4.jpg': 'grey.jpg',
      'test/cat/5.jpg': 'rgb.jpg',
    })
    const { scan, ref } = await scanned(folder, 'image-folder')
    assert.deepEqual(scan.classes, ['Ant', 'cat', 'dog'])
    assert.deepEqual(scan.splits, [
      { name: 'train', count: 4, classCounts: [1, 1, 2] },
      { name: 'val', count: 2, classCounts: [0, 1, 1] },
      { name: 'test', count: 1, classCounts: [0, 1, 0] },
    ])
    assert.deepEqual(scan.imageSize, { width: 24, height: 16, channels: 3 })
    const { splits } = await openDataset(ref)
    assert.deepEqual(
      [0, 1, 2, 3].map(at => splits.train!.name(at)),
      ['train/Ant/x.gif', 'train/cat/1.jpg', 'train/dog/1.jpg', 'train/dog/2.png'],
    )
    assert.deepEqual([...splits.val!.labels], [1, 2])
    assert.equal(splits.val!.name(0), 'validation/cat/deep/er/4.jpg')
    const sample = await splits.train!.read(3)
    assert.ok(sample.kind === 'encoded')
    assert.deepEqual(Buffer.from(sample.bytes), await readFixture('rgb.png'))
  })

  it('takes class folders directly in the root as training images, even one named train', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { 'bus/1.jpg': 'rgb.jpg', 'car/1.jpg': 'rgb.jpg', 'train/1.jpg': 'rgb.jpg' })
    const { scan } = await scanned(folder, 'image-folder')
    assert.deepEqual(scan.classes, ['bus', 'car', 'train'])
    assert.deepEqual(scan.splits, [{ name: 'train', count: 3, classCounts: [1, 1, 1] }])
  })

  it('tells of classes that a split has no images of, with or without a folder', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { ...two, 'train/eel/1.jpg': 'rgb.jpg', 'val/cat/1.jpg': 'rgb.jpg' })
    await mkdir(join(folder, 'val/dog'))
    const { problems } = await reader().scan(folder, silent)
    assert.deepEqual(problems, [
      { file: 'val', problem: 'no folder for eel' },
      { file: 'val', problem: 'no images of dog' },
    ])
  })

  it('refuses a validation class that training does not have', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { ...two, 'val/zebra/1.jpg': 'rgb.jpg' })
    await assert.rejects(reader().scan(folder, silent), {
      code: 'data-invalid',
      message: /val\/zebra: a class that train\/ has no images of.*cat, dog/,
    })
  })

  it('is recognised, and so are the other formats; anything else is explained', async test => {
    const folder = await temporaryFolder(test)
    await assert.rejects(detectReader(folder), {
      code: 'data-invalid',
      message: /the folder is empty.*Folders of images: One folder a class/s,
    })
    await writeFile(join(folder, 'notes.txt'), 'x')
    await assert.rejects(detectReader(folder), {
      message: /it holds notes\.txt.*data_batch_1\.bin.*train-images-idx3-ubyte/s,
    })
    await writePictures(folder, two)
    assert.equal((await detectReader(folder)).reader, 'image-folder')
    const digits = join(folder, 'digits')
    await mkdir(digits)
    await writeIdx(digits, 'train', 6, 4)
    assert.deepEqual(await detectReader(digits), { reader: 'idx', reason: 'found train-images-idx3-ubyte' })
    const cifar = join(folder, 'cifar')
    await mkdir(cifar)
    await writeFile(join(cifar, 'data_batch_1.bin'), Buffer.alloc(3073))
    assert.equal((await detectReader(cifar)).reader, 'cifar10')
    await assert.rejects(detectReader(join(folder, 'notes.txt')), {
      code: 'data-invalid',
      message: /expected a folder, got a file/,
    })
    await assert.rejects(detectReader(join(folder, 'nowhere')), {
      code: 'data-unreadable',
      message: /nowhere.*does not exist/,
    })
  })
})

describe('image-folder on dirt', () => {
  it('leaves out what is no image and notes what is misnamed', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, {
      ...two,
      'train/cat/empty.jpg': 'empty.jpg',
      'train/cat/text.jpg': 'text.jpg',
      'train/cat/bitmap.bmp': 'rgb.bmp',
      'train/dog/misnamed.jpeg': 'png-named.jpeg',
      'train/dog/noextension': 'rgb.png',
    })
    await writeFile(join(folder, 'train/cat/.DS_Store'), 'x')
    await writeFile(join(folder, 'train/cat/Thumbs.db'), 'x')
    await mkdir(join(folder, 'train/fox'))
    const scan = await reader().scan(folder, silent)
    assert.deepEqual(scan.classes, ['cat', 'dog'])
    assert.deepEqual(scan.splits[0]?.classCounts, [1, 3])
    assert.deepEqual(scan.problems, [
      {
        file: 'train/cat/bitmap.bmp',
        problem: 'a BMP file, which is not read; left out. Convert it to JPEG or PNG',
      },
      { file: 'train/cat/empty.jpg', problem: 'an empty file; left out' },
      { file: 'train/cat/text.jpg', problem: 'not an image, although its name says JPEG; left out' },
      { file: 'train/dog/misnamed.jpeg', problem: 'a PNG image, although its name says JPEG; read as PNG' },
      { file: 'train/fox', problem: 'a class folder without images; left out' },
    ])
  })

  const hopeless: readonly (readonly [what: string, files: Record<string, string>, message: RegExp])[] = [
    ['an empty folder', {}, /found no images: the folder is empty/],
    ['one class', { 'train/cat/1.jpg': 'rgb.jpg' }, /images of one class only, 'cat'/],
    [
      'classes without images',
      { 'train/a/1.jpg': 'text.jpg', 'train/b/1.jpg': 'empty.jpg' },
      /For example train\/a/,
    ],
    ['images without classes', { '1.jpg': 'rgb.jpg', '2.jpg': 'rgb.jpg' }, /no class folder with images/],
  ]
  for (const [what, files, message] of hopeless) {
    it(`refuses ${what}`, async test => {
      const folder = await temporaryFolder(test)
      await writePictures(folder, files)
      const thrown = await reader()
        .scan(folder, silent)
        .catch((error: unknown) => error)
      assert.ok(thrown instanceof AppError && thrown.code === 'data-invalid')
      assert.match(thrown.message, message)
      assert.ok(thrown.message.startsWith(folder))
      assert.match(thrown.message, /Put the images of each class into a folder of its own/)
    })
  }

  it('follows links but not in circles, and passes over sockets and pipes', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { ...two, 'elsewhere/far.jpg': 'rgb.jpg' })
    await symlink('..', join(folder, 'train/cat/up'))
    await symlink('.', join(folder, 'train/dog/self'))
    await symlink(folder, join(folder, 'train/dog/top'))
    await symlink('round', join(folder, 'train/dog/round'))
    await symlink('gone.jpg', join(folder, 'train/dog/dangling.jpg'))
    await symlink(join(folder, 'elsewhere'), join(folder, 'train/cat/linked'))
    execFileSync('mkfifo', [join(folder, 'train/dog/pipe.jpg')])
    const scan = await reader().scan(folder, silent)
    assert.deepEqual(scan.splits[0]!.classCounts, [2, 1])
    const problems = Object.fromEntries(scan.problems.map(({ file, problem }) => [file, problem]))
    for (const loop of ['train/cat/up', 'train/dog/self', 'train/dog/top']) {
      assert.match(problems[loop] ?? '', /symbolic link to a folder above it/)
    }
    assert.match(problems['train/dog/round'] ?? '', /symbolic link in a circle/)
    assert.match(problems['train/dog/dangling.jpg'] ?? '', /symbolic link to nothing/)
    assert.match(problems['train/dog/pipe.jpg'] ?? '', /neither a file nor a folder/)
  })

  it('stops where folders lie too deep, and says where', async test => {
    const folder = await temporaryFolder(test)
    const deep = Array.from({ length: 30 }, (_, at) => String(at)).join('/')
    await writePictures(folder, { ...two, [`train/cat/${deep}/far.jpg`]: 'rgb.jpg' })
    const scan = await reader().scan(folder, silent)
    assert.equal(scan.splits[0]!.count, 2)
    assert.match(scan.problems[0]?.problem ?? '', /more than 16 folders deep; left out/)
  })

  it('round-trips names that are not UTF-8, and shows them escaped', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, two)
    const name = Buffer.concat([
      Buffer.from(join(folder, 'train/cat/a\n')),
      Buffer.from([0xff, 0xe9]),
      Buffer.from('.png'),
    ])
    await writeFile(name, await readFixture('rgb.png'))
    const { ref, scan } = await scanned(folder, 'image-folder')
    assert.equal(scan.splits[0]!.count, 3)
    const { train } = (await openDataset(ref)).splits
    const index = [0, 1, 2].find(at => train!.name(at).includes('xff'))!
    assert.equal(train!.name(index), 'train/cat/a\\x0a\\xff\\xe9.png')
    const sample = await train!.read(index)
    assert.ok(sample.kind === 'encoded')
    assert.deepEqual(Buffer.from(sample.bytes), await readFixture('rgb.png'))
  })

  it('names files and folders that cannot be read', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { ...two, 'train/cat/2.jpg': 'rgb.jpg', 'train/dog/inner/3.jpg': 'rgb.jpg' })
    await chmod(join(folder, 'train/cat/2.jpg'), 0)
    await chmod(join(folder, 'train/dog/inner'), 0)
    const scan = await asOrdinaryUser(folder, () => reader().scan(folder, silent))
    await chmod(join(folder, 'train/dog/inner'), 0o700)
    assert.equal(scan.splits[0]!.count, 2)
    assert.deepEqual(
      scan.problems.map(({ file }) => file),
      ['train/cat/2.jpg', 'train/dog/inner'],
    )
    for (const { problem } of scan.problems) assert.match(problem, /permission denied.*left out/)
  })

  it('counts progress and stops when it is cancelled', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, two)
    const phases = new Set<string>()
    await reader().scan(folder, { progress: phase => phases.add(phase), throwIfCancelled: () => {} })
    assert.ok(phases.has('Checking files'))
    const cancelled = () => {
      throw new AppError('cancelled', 'Stopped')
    }
    await assert.rejects(reader().scan(folder, { progress: () => {}, throwIfCancelled: cancelled }), {
      code: 'cancelled',
    })
  })
})

describe("image-folder with ImageNet's flat validation images", () => {
  const synsets = ['n02000001', 'n02000002', 'n02000003']
  const names = [1, 2, 3, 4].map(number => `ILSVRC2012_val_0000000${number}.JPEG`)
  const base = Object.fromEntries([
    ...synsets.map(synset => [`train/${synset}/${synset}_1.JPEG`, 'rgb.jpg']),
    ...names.map(name => [`val/${name}`, 'rgb.jpg']),
  ])
  /** Labels of the validation images after `add` has put its files in place. */
  const labelsWith = async (
    test: Parameters<typeof temporaryFolder>[0],
    add: (folder: string) => Promise<void>,
  ): Promise<number[]> => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, base)
    await add(folder)
    const { ref } = await scanned(folder, 'image-folder')
    return [...(await openDataset(ref)).splits.val!.labels]
  }

  it('maps the ground truth through meta.mat: its numbers are not in alphabetical order', async test => {
    for (const [meta, inside] of [
      ['meta.mat', 'ILSVRC2012_devkit_t12/data'],
      ['meta-uncompressed.mat', '.'],
    ] as const) {
      const labels = await labelsWith(test, async folder => {
        await mkdir(join(folder, inside), { recursive: true })
        await writeFile(join(folder, inside, 'meta.mat'), await readFixture(meta))
        await writeFile(join(folder, inside, 'ILSVRC2012_validation_ground_truth.txt'), '1\n2\n3\n1\n')
      })
      assert.deepEqual(labels, [2, 0, 1, 2])
    }
  })

  it("reads Kaggle's list", async test => {
    const labels = await labelsWith(test, async folder => {
      const lines = names.map((name, at) => `${name.replace('.JPEG', '')},${synsets[(at + 1) % 3]} 1 2 3 4`)
      await writeFile(
        join(folder, 'LOC_val_solution.csv'),
        ['ImageId,PredictionString', ...lines.toReversed()].join('\n'),
      )
    })
    assert.deepEqual(labels, [1, 2, 0, 1])
  })

  it('reads lists of names and synsets, of names and numbers, and of synsets in order', async test => {
    const write = (text: string) => (folder: string) => writeFile(join(folder, 'val.txt'), text)
    assert.deepEqual(
      await labelsWith(test, write(names.map(name => `${name} n02000002`).join('\n'))),
      [1, 1, 1, 1],
    )
    assert.deepEqual(
      await labelsWith(test, write(names.map((name, at) => `${name} ${2 - (at % 3)}`).join('\n'))),
      [2, 1, 0, 2],
    )
    assert.deepEqual(
      await labelsWith(test, write('n02000003\nn02000001\nn02000001\nn02000002\n')),
      [2, 0, 0, 1],
    )
    await assert.rejects(labelsWith(test, write('n02000003\n')), {
      code: 'data-invalid',
      message: /1 lines for 4 images/,
    })
  })

  it('says what is missing and where to get it', async test => {
    await assert.rejects(
      labelsWith(test, async () => {}),
      {
        code: 'data-invalid',
        message: /ILSVRC2012_validation_ground_truth\.txt and meta\.mat .*devkit_t12/,
      },
    )
    const truthAlone = (folder: string) =>
      writeFile(join(folder, 'ILSVRC2012_validation_ground_truth.txt'), '1\n')
    await assert.rejects(labelsWith(test, truthAlone), {
      code: 'data-invalid',
      message: /meta\.mat is missing beside it/,
    })
    const damaged = async (folder: string) => {
      await truthAlone(folder)
      await writeFile(join(folder, 'meta.mat'), (await readFixture('meta.mat')).subarray(0, 400))
    }
    await assert.rejects(labelsWith(test, damaged), {
      code: 'data-invalid',
      message: /meta\.mat: not a MATLAB level-5 file/,
    })
  })

  it('leaves out a test folder without labels', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, { ...two, 'test/1.jpg': 'rgb.jpg' })
    const scan = await reader().scan(folder, silent)
    assert.deepEqual(
      scan.splits.map(({ name }) => name),
      ['train'],
    )
    assert.deepEqual(scan.problems, [{ file: 'test', problem: 'no labelled images; the split is left out' }])
  })
})

describe('readMatFile', () => {
  it('reads structs, text and numbers of any type', async () => {
    const synsets = readMatFile('meta.mat', await readFile(fixturePath('meta.mat'))).get('synsets')
    assert.ok(Array.isArray(synsets) && synsets.length === 5)
    assert.deepEqual(synsets[3], {
      ILSVRC2012_ID: [4],
      WNID: 'n01000000',
      words: 'all of them',
      gloss: 'a gloss',
      num_children: [3],
      children: [1, 2, 3],
      wordnet_height: [0],
      num_train_images: [1300],
    })
    assert.equal((synsets[2] as Record<string, unknown>)['words'], 'second: café')
  })

  it('never fails but with data-invalid, whatever the bytes', async () => {
    const whole = await readFile(fixturePath('meta-uncompressed.mat'))
    for (let at = 128; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] as number) ^ 0x5a
      try {
        readMatFile('meta.mat', damaged)
      } catch (thrown) {
        assert.ok(thrown instanceof AppError && thrown.code === 'data-invalid')
      }
    }
  })
})

/** Root may read everything: for a while the process is nobody in particular. */
async function asOrdinaryUser<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  await chmod(folder, 0o755)
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
