/** Decode threads that break: an error, never a hang, and nothing left running. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { decodeImage } from '../../../core/data/index.ts'
import { readShared } from '../../../core/data/openDataset.ts'
import { allocateRing, openSlots, type RingMemory } from '../../../core/data/ring.ts'
import { threadDecoder, type ThreadData } from '../../../core/data/threads.ts'
import { readFixture } from '../../fixtures/images/formula.ts'
import { loaderOptions, scanned, temporaryFolder, writeIdx } from './datasetFixtures.ts'

describe('decoding in several threads', () => {
  it('is not disturbed by threads that start', { timeout: 30_000 }, async () => {
    const picture = await readFixture('rgb.png')
    const module = new URL('../../../core/data/decode.ts', import.meta.url).href
    // Each import under another name runs the module again, as each new thread does.
    const code = `const load = async () => { for (let n = 0; n < 300; n++) await import('${module}?' + n) }; load()`
    let isRunning = true
    const thread = new Worker(code, { eval: true })
    const ended = once(thread, 'exit').then(() => (isRunning = false))
    for (let decoded = 0; isRunning; decoded++)
      await decodeImage(picture, 3, `rgb.png for the ${decoded}th time`)
    await ended
  })
})

describe('threadDecoder', () => {
  it('fails what is under way when a thread breaks down', { timeout: 20_000 }, async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 30, 8)
    const { ref } = await scanned(folder, 'idx')
    const options = loaderOptions(ref)
    const ring = allocateRing(options, 2)
    const shared = { index: await readShared(ref.indexPath), pixels: {} }
    const broken: readonly (readonly [ThreadData, string])[] = [
      [{ options, shared, ring: { ...ring, images: null } as unknown as RingMemory, chunk: 1 }, 'internal'],
      [{ options: { ...options, split: 'val' }, shared, ring, chunk: 1 }, 'not-found'],
      [{ options, shared: { ...shared, index: new SharedArrayBuffer(8) }, ring, chunk: 1 }, 'data-invalid'],
    ]
    for (const [data, code] of broken) {
      const decoder = threadDecoder(2, data)
      const [slot] = openSlots(ring)
      await assert.rejects(decoder.run(slot!, 4, 0), { code })
      await assert.rejects(decoder.run(slot!, 4, 0), { code }, 'and everything after it')
      await decoder.close()
    }
  })

  it('ends its threads when it is closed in the middle of work', { timeout: 20_000 }, async test => {
    const folder = await temporaryFolder(test)
    await writeIdx(folder, 'train', 30, 8)
    const { ref } = await scanned(folder, 'idx')
    const options = loaderOptions(ref)
    const ring = allocateRing(options, 2)
    const decoder = threadDecoder(3, {
      options,
      shared: { index: await readShared(ref.indexPath), pixels: {} },
      ring,
      chunk: 1,
    })
    const [slot] = openSlots(ring)
    const outcome = assert.rejects(decoder.run(slot!, 8, 0), { code: 'cancelled' })
    await decoder.close()
    await outcome
    await decoder.close()
  })
})
