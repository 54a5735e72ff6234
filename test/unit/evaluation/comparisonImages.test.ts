/** Predictions joined image by image, added up, and chosen from: counted by hand on six images. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseImages, type ImageChoice } from '../../../core/evaluation/comparisonImages.ts'
import type { PredictionColumns } from '../../../core/evaluation/comparisonFile.ts'
import { comparePredictions, joinPredictions } from '../../../core/evaluation/comparisonPredictions.ts'

/** Rows of image, class, class it is taken for, loss. */
function columns(rows: readonly (readonly [number, number, number, number])[]): PredictionColumns {
  return {
    ...{ count: rows.length, topCount: 1 },
    index: Int32Array.from(rows, ([index]) => index),
    label: Int32Array.from(rows, ([, label]) => label),
    top: Int32Array.from(rows, ([, , top]) => top),
    probability: Float32Array.from(rows, () => 0.5),
    loss: Float32Array.from(rows, ([, , , loss]) => loss),
  }
}
const [none, half, much] = [0.01, 0.7, 3]
const a = columns([
  [0, 0, 0, none],
  [1, 0, 1, much],
  [2, 1, 1, half],
  [3, 1, 0, half],
  [4, 2, 0, much],
  [5, 2, 2, none],
])
/** In another order, without image 5, and with image 4 of another class by now. */
const b = columns([
  [4, 1, 1, none],
  [3, 1, 2, much],
  [2, 1, 0, much],
  [1, 0, 0, none],
  [0, 0, 0, none],
])
const joined = joinPredictions([a, b])
const choice: ImageChoice = {
  ...{ pair: [0, 1], group: 'all', label: null, predicted: null, index: null, order: 'index' },
}
const images = (change: Partial<ImageChoice>): number[] =>
  [...chooseImages(joined, { ...choice, ...change })].map(at => joined.index[at]!)

test('only images that all judged, of the same class, are compared', () => {
  assert.deepEqual([...joined.index], [0, 1, 2, 3])
  assert.deepEqual(joined.mismatch, { counts: [6, 5], relabelledCount: 1 })
  const { pair, sides, classes, imageCount } = comparePredictions(joined, [0, 1])
  assert.equal(imageCount, 4)
  assert.deepEqual([pair.gained, pair.lost, pair.bothRight, pair.bothWrong, pair.disagree], [1, 1, 1, 1, 3])
  assert.deepEqual(
    sides.map(({ top1 }) => top1),
    [0.5, 0.5],
  )
  assert.equal(pair.p, 1)
  assert.deepEqual(
    classes.map(({ label, gained, lost }) => [label, gained, lost]),
    [
      [0, 1, 0],
      [1, 0, 1],
    ],
  )
})

test('images are chosen by who is right, by class, by answer, by number, and ordered', () => {
  assert.deepEqual(images({ group: 'gained' }), [1])
  assert.deepEqual(images({ group: 'lost' }), [2])
  assert.deepEqual(images({ group: 'both-wrong' }), [3])
  assert.deepEqual(images({ group: 'all-right' }), [0])
  assert.deepEqual(images({ group: 'disagree', label: 1 }), [2, 3])
  assert.deepEqual(images({ predicted: 2 }), [3])
  assert.deepEqual(images({ index: 3 }), [3])
  assert.deepEqual(images({ index: 5 }), [])
  assert.deepEqual(images({ order: 'change' }).slice(0, 1), [1])
  assert.deepEqual(images({ order: 'loss-second' }).slice(0, 2), [2, 3])
})

test('a network that diverged has no loss, and is compared all the same', () => {
  const lost = columns([
    [0, 0, 0, NaN],
    [1, 0, 0, Infinity],
  ])
  const { sides, pair } = comparePredictions(joinPredictions([a, lost]), [0, 1])
  assert.deepEqual(
    sides.map(({ loss }) => loss === null),
    [false, true],
  )
  assert.equal(pair.gained, 1)
})
