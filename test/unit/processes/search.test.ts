/** Search as a task: a folder of photographs, what is found in it, and when it is embedded anew. */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { search } from '../../../core/processes/tasks/search.ts'
import type { TaskInput, TaskValue } from '../../../core/processes/protocol.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
let checkpointPath: string
let photos: string[]
const quiet = { progress: () => {}, throwIfCancelled: () => {} }

before(async () => {
  place = await tinyPlace()
  const ports = recorder()
  await train(tinyOrder(place, { 'training.epochs': 1 }), ports)
  checkpointPath = ports.of('checkpoint').at(-1)!.checkpoint.path
  mkdirSync(join(place.folder, 'photos'))
  photos = Array.from({ length: 6 }, (_, at) => join(place.folder, 'photos', `${at}.png`))
  await Promise.all(photos.map(writePhoto))
})
after(() => place.remove())

const run = (changes: Partial<TaskInput<'search'>> = {}): Promise<TaskValue<'search'>> => {
  const settings = { size: null, resize: 'rect', weights: null, power: null } as const
  const cacheFolder = join(place.folder, 'cache')
  const input = { checkpointPath, paths: [photos[0]!], gallery: { paths: photos }, settings, cacheFolder }
  return search.run({ ...input, top: 3, includesSelf: false, ...changes }, quiet)
}

test('an image of the gallery is told and left out, by whatever path it is named', async () => {
  const link = join(place.folder, 'link.png')
  symlinkSync(photos[0]!, link)
  for (const path of [photos[0]!, link]) {
    const [found] = (await run({ paths: [path] })).results
    assert.ok(found!.isInGallery && found!.hits.length === 3)
    assert.ok(found!.hits.every(({ name }) => name !== photos[0]))
  }
})

test('it finds itself when that is wanted, and the gallery is known again', async () => {
  const { results, isGalleryKnown, galleryCount } = await run({ includesSelf: true })
  const [best] = results[0]!.hits
  assert.deepEqual([isGalleryKnown, galleryCount, best!.name], [true, 6, photos[0]])
  assert.ok(Math.abs(best!.score - 1) < 1e-3)
})

test('another size, a new image and a changed one are embedded anew', async () => {
  const settings = { size: 16, resize: 'rect', weights: null, power: null } as const
  assert.equal((await run({ settings })).isGalleryKnown, false)
  const extra = join(place.folder, 'photos', 'extra.png')
  await writePhoto(extra, 9)
  const gallery = { paths: [...photos, extra] }
  assert.deepEqual((await run({ gallery })).galleryCount, 7)
  assert.equal((await run({ gallery })).isGalleryKnown, true)
  await writePhoto(extra, 12)
  assert.equal((await run({ gallery })).isGalleryKnown, false)
})

test('what is no image is told, in the gallery and as a query', async () => {
  const broken = join(place.folder, 'broken.png')
  writeFileSync(broken, 'nothing')
  const { results, bad, galleryCount } = await run({
    paths: [broken, photos[1]!],
    gallery: { paths: [...photos, broken] },
  })
  assert.deepEqual([galleryCount, bad.length, results[0]!.hits.length, results[1]!.hits.length], [6, 1, 0, 3])
  assert.ok(results[0]!.problem !== null && results[1]!.problem === null)
  await assert.rejects(run({ gallery: { paths: [broken] } }), {
    code: 'data-invalid',
    message: /none of 1 images/,
  })
})

test('the gallery may be a split of a data set', async () => {
  const { galleryCount, results } = await run({ gallery: { dataset: place.dataset, split: 'val' } })
  assert.deepEqual([galleryCount, results[0]!.isInGallery], [9, false])
  assert.match(results[0]!.hits[0]!.name, /idx/)
  await assert.rejects(run({ gallery: { dataset: place.dataset, split: 'gallery' } }), { code: 'not-found' })
})

/** Grey, of another pattern for each number. */
async function writePhoto(path: string, number: number): Promise<void> {
  const data = Buffer.from(Array.from({ length: 120 }, (_, p) => (p * (number + 3) * 7 + number * 31) % 256))
  await sharp(data, { raw: { width: 12, height: 10, channels: 1 } })
    .png()
    .toFile(path)
}
