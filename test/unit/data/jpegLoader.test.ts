/** Batches with the JPEG addon: the loader's promises hold, and without the addon everything still works. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openLoader } from '../../../core/data/index.ts'
import { loadFrom } from '../../../core/data/jpeg/load.ts'
import type { DecoderInfo, LoaderOptions } from '../../../core/data/types.ts'
import { transforms } from '../../../core/transforms/index.ts'
import { readFixture } from '../../fixtures/images/formula.ts'
import { loaderOptions, scanned, temporaryFolder, writeIdx, writePictures } from './datasetFixtures.ts'
import { meanDifference, photograph, withoutAddon } from './jpegFixtures.ts'

/** Photographs in two classes, one of them cut short, beside a PNG. */
async function photographs(test: TestContext) {
  const folder = await temporaryFolder(test)
  await writePictures(folder, { 'train/a/rgb.png': 'rgb.png', 'train/b/turned.jpg': 'orientation-6.jpg' })
  const whole = await readFixture('photo.jpg')
  const files = {
    'train/a/1.jpg': whole,
    'train/a/2.jpg': await photograph({ progressive: true }, { width: 240, height: 200 }),
    'train/a/grey.jpg': await photograph({}, { width: 240, height: 200, isGrey: true }),
    'train/b/422.jpg': await readFixture('photo-422.jpg'),
    'train/b/cut.jpg': whole.subarray(0, 20_000),
    'train/b/cmyk.jpg': await readFixture('cmyk.jpg'),
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  const { ref } = await scanned(folder, 'image-folder')
  return loaderOptions(ref, {
    transforms: [{ name: 'random-resized-crop' }, { name: 'horizontal-flip' }],
    ...{ width: 24, height: 20, channels: 3, batchSize: 3, maxBadFraction: 0.5, epochs: 3 },
  })
}

async function all(options: LoaderOptions) {
  const loader = await openLoader(options)
  const seen: { images: Uint8Array; indices: number[]; bad: unknown }[] = []
  try {
    for (let batch = await loader.next(); batch; batch = await loader.next()) {
      const { images, indices, bad } = batch
      seen.push({ images: Uint8Array.from(images), indices: [...indices], bad })
      batch.release()
    }
    return { seen, decoder: loader.decoder as DecoderInfo }
  } finally {
    await loader.close()
  }
}

describe('a loader with the JPEG addon', { skip: withoutAddon }, () => {
  it('gives the same batches with any number of threads and from any batch on', async test => {
    const options = await photographs(test)
    const { seen, decoder } = await all(options)
    assert.equal(decoder.name, 'native')
    assert.match(decoder.library, /^libjpeg-turbo \d/)
    assert.equal(seen.length, 6)
    for (const threads of [1, 3]) assert.deepEqual((await all({ ...options, threads })).seen, seen)
    assert.deepEqual((await all({ ...options, threads: 2, startBatch: 4 })).seen, seen.slice(4))
  })

  for (const crop of [
    { name: 'random-resized-crop' },
    { name: 'distorted-crop' },
    { name: 'central-crop', options: { resizing: 'antialiased' } },
  ])
    it(`takes the same images, leaves out the same ones, and shows nearly the same as with sharp, by ${crop.name}`, async test => {
      const options = { ...(await photographs(test)), transforms: [crop, { name: 'horizontal-flip' }] }
      const native = await all(options)
      const bySharp = await all({ ...options, decoder: 'sharp', threads: 2 })
      assert.equal(bySharp.decoder.name, 'sharp')
      assert.match(bySharp.decoder.library, /^sharp \d/)
      native.seen.forEach(({ images, indices, bad }, at) => {
        const other = bySharp.seen[at]
        assert.deepEqual({ indices, bad }, { indices: other?.indices, bad: other?.bad })
        assert.ok(meanDifference(images, other!.images) <= 2)
      })
      assert.ok(native.seen.some(({ bad }) => JSON.stringify(bad).includes('cut short')))
    })
})

describe('a loader without the JPEG addon', () => {
  it('says nothing about decoders where the data set holds pixels', async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 20, 8)
    const { ref } = await scanned(folder, 'idx')
    const loader = await openLoader(loaderOptions(ref))
    await loader.close()
    assert.equal(loader.decoder, null)
  })

  it('is told why, by name, and what to do', async test => {
    const folder = await temporaryFolder(test)
    assert.match(loadFrom(join(folder, 'nowhere')).problem ?? '', /has not been built\. Run `npm run setup/)
    const cases: readonly (readonly [content: string, problem: RegExp])[] = [
      ['{', /current\.json: .*JSON.*Run/],
      ['{"product":null,"failure":null}', /names no addon/],
      [
        '{"product":null,"failure":{"message":"no compiler was found","remedy":"Install g++"}}',
        /^no compiler was found\. Install g\+\+$/,
      ],
      ['{"product":{"path":"gone.node"},"failure":null}', /gone\.node does not load \(.*Node-API \d+\)/],
      ['{"product":{"path":"half.node"},"failure":null}', /half\.node does not load/],
    ]
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'half.node'), 'half an addon')
    for (const [content, problem] of cases) {
      await writeFile(join(folder, 'current.json'), content)
      const loaded = loadFrom(folder)
      assert.equal(loaded.binding, null)
      assert.match(loaded.problem, problem)
    }
  })
})

describe('scaled decoding', () => {
  it('stays off in runs begun before there was a choice', () => {
    const old = transforms.resolve({ name: 'random-resized-crop', version: 1, options: { minScale: 0.2 } })
    assert.equal(old.options['scaledDecoding'], false)
    const fresh = transforms.resolve({ name: 'random-resized-crop' })
    assert.equal(fresh.options['scaledDecoding'], true)
  })
})
