/** Claims of work: each task once, whoever comes when. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allocateRing, claim, openSlots, release } from '../../../core/data/ring.ts'
import { loaderOptions } from './datasetFixtures.ts'

const ref = { id: 'x', reader: 'idx', path: '', options: {}, indexPath: '' }

describe('slots', () => {
  it('hand out every task once, in chunks of any size', () => {
    const [slot] = openSlots(allocateRing(loaderOptions(ref, { batchSize: 10 }), 1))
    for (const chunk of [1, 3, 16]) {
      release(slot!, 10, 0)
      const tasks: number[] = []
      for (;;) {
        const { from, to } = claim(slot!, chunk)
        if (from === to) break
        for (let task = from; task < to; task++) tasks.push(task)
      }
      assert.deepEqual(
        tasks.toSorted((one, other) => one - other),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
    }
  })

  it('give a late comer nothing, before and after the next batch is set up', () => {
    const [slot] = openSlots(allocateRing(loaderOptions(ref, { batchSize: 10 }), 1))
    release(slot!, 4, 0)
    claim(slot!, 4)
    for (let late = 0; late < 5; late++) assert.deepEqual(claim(slot!, 16), { from: 0, to: 0 })
    release(slot!, 10, 1)
    assert.deepEqual(claim(slot!, 16), { from: 0, to: 10 })
    assert.deepEqual(claim(slot!, 16), { from: 0, to: 0 })
  })
})
