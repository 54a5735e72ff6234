import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expendable, type RetentionCandidate } from '../../../core/checkpoints/retention.ts'

/** Ten steps to the epoch, one checkpoint at each of them. */
function candidates(top1s: readonly (number | null)[], pinned: readonly number[] = []): RetentionCandidate[] {
  return top1s.map((top1, index) => ({
    step: (index + 1) * 10,
    stepsPerEpoch: 10,
    score: top1,
    isPinned: pinned.includes((index + 1) * 10),
  }))
}

const rule = { keepLast: 1, keepBest: 0, keepEveryEpochs: 0 }

describe('retention', () => {
  it('keeps the newest', () => {
    assert.deepEqual(expendable(candidates([0.1, 0.2, 0.3]), rule), [20, 10])
    assert.deepEqual(expendable(candidates([0.1, 0.2, 0.3]), { ...rule, keepLast: 2 }), [10])
  })

  it('keeps the newest even when told to keep none', () => {
    assert.deepEqual(expendable(candidates([0.1, 0.2]), { ...rule, keepLast: 0 }), [10])
    assert.deepEqual(expendable(candidates([0.1]), { ...rule, keepLast: 0 }), [])
  })

  it('keeps the best by validation top-1, of equals the newer', () => {
    assert.deepEqual(expendable(candidates([0.9, 0.2, 0.3]), { ...rule, keepBest: 1 }), [20])
    assert.deepEqual(expendable(candidates([0.9, 0.9, 0.3, 0.3]), { ...rule, keepBest: 1 }), [30, 10])
  })

  it('takes no checkpoint without a validation for the best', () => {
    assert.deepEqual(expendable(candidates([null, 0.1, null]), { ...rule, keepBest: 2 }), [10])
  })

  it('keeps whole multiples of the epochs', () => {
    assert.deepEqual(expendable(candidates([0, 0, 0, 0, 0]), { ...rule, keepEveryEpochs: 2 }), [30, 10])
  })

  it('keeps what is pinned', () => {
    assert.deepEqual(expendable(candidates([0, 0, 0], [10]), rule), [20])
  })

  it('goes by step, whatever the order of the list', () => {
    assert.deepEqual(expendable(candidates([0.1, 0.2, 0.3]).reverse(), rule), [20, 10])
  })
})
