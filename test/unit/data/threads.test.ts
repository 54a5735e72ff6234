/** Decode threads that break: an error, never a hang, and nothing left running. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readShared } from '../../../core/data/openDataset.ts'
import { allocateRing, openSlots, type RingMemory } from '../../../core/data/ring.ts'
import { threadDecoder, type ThreadData } from '../../../core/data/threads.ts'
import { loaderOptions, scanned, temporaryFolder, writeIdx } from './datasetFixtures.ts'

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
