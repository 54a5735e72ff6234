import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Batch, Loader } from '../../../core/data/index.ts'
import { nextBatch } from '../../../core/evaluation/nextBatch.ts'

function loader(next: () => Promise<Batch | null>): Loader {
  const decoder = { name: 'sharp', library: 'none', problem: null } as const
  return {
    batchesPerEpoch: 1,
    imagesPerEpoch: 1,
    sampleCount: 1,
    classes: [],
    decoder,
    next,
    close: async () => {},
  }
}

describe('waiting for a batch', () => {
  it('gives what the loader gives', async () => {
    const batch = { number: 3 } as Batch
    assert.equal(
      await nextBatch(
        loader(async () => batch),
        () => false,
      ),
      batch,
    )
    assert.equal(
      await nextBatch(
        loader(async () => null),
        () => false,
      ),
      null,
    )
  })

  it('fails as the loader fails', async () => {
    const failing = loader(async () => Promise.reject(new Error('bad disk')))
    await assert.rejects(
      nextBatch(failing, () => false),
      /bad disk/,
    )
  })

  it('gives up on a loader that does not answer', async () => {
    let asked = 0
    const silent = loader(() => new Promise(() => {}))
    assert.equal(await nextBatch(silent, () => ++asked === 2), 'given-up')
  })

  it('fails with what the question throws', async () => {
    const silent = loader(() => new Promise(() => {}))
    const cancelled = (): boolean => {
      throw new Error('cancelled')
    }
    await assert.rejects(nextBatch(silent, cancelled), /cancelled/)
  })
})
