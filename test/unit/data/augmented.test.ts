/** What is drawn to look at is what the loader gives to training. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { drawAugmented, openDataset, openLoader } from '../../../core/data/index.ts'
import { loaderOptions, scanned, temporaryFolder, writePictures } from './datasetFixtures.ts'

test('drawn pictures have the pixels of the batches, epoch by epoch', async t => {
  const folder = await temporaryFolder(t)
  await writePictures(folder, {
    'train/a/1.jpg': 'photo.jpg',
    'train/a/2.png': 'rgb.png',
    'train/b/3.jpg': 'photo.jpg',
    'train/b/4.png': 'rgb.png',
  })
  const { ref } = await scanned(folder, 'image-folder')
  const transforms = ['random-resized-crop', 'horizontal-flip', 'color-jitter'].map(name => ({ name }))
  const size = { height: 144, width: 144, channels: 3 as const, seed: 5 }
  const loader = await openLoader(
    loaderOptions(ref, { ...size, transforms, order: { name: 'shuffled' }, batchSize: 2, epochs: 3 }),
  )
  t.after(() => loader.close())
  const dataset = await openDataset(ref)
  t.after(() => dataset.close())
  let compared = 0
  for (let batch = await loader.next(); batch; batch = await loader.next()) {
    for (let place = 0; place < batch.count; place++) {
      const item = { index: batch.indices[place] as number, epoch: batch.epoch, copy: 0 }
      const [picture] = await drawAugmented(dataset, 'train', { ...size, transforms }, [item])
      const shown = await sharp(picture?.bytes).raw().toBuffer()
      const given = batch.images.subarray(place * 144 * 144 * 3, (place + 1) * 144 * 144 * 3)
      assert.ok(shown.equals(given), `image ${item.index} in epoch ${item.epoch}`)
      compared++
    }
    batch.release()
  }
  assert.equal(compared, 12)
  await assert.rejects(
    drawAugmented(dataset, 'train', { ...size, transforms }, [{ index: 4, epoch: 0, copy: 0 }]),
    {
      code: 'not-found',
      message: /images 0 to 3, not 4/,
    },
  )
})
