import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computed, ref, shallowRef } from 'vue'
import type { SearchHit, SearchResult } from '../../../core/contract/index.ts'
import { fixed } from '../../../renderer/format/numbers.ts'
import { nameSpaceOf } from '../../../renderer/panels/Evaluation/matrixView.ts'
import { readInput } from '../../../renderer/panels/Evaluation/useNetworkInput.ts'
import { isFlat } from '../../../renderer/panels/Retrieval/heatOf.ts'
import type { MapPoints } from '../../../renderer/panels/Retrieval/mapPoints.ts'
import { imagesAt, pointsOf } from '../../../renderer/panels/Retrieval/mapSelection.ts'
import { readPlace } from '../../../renderer/panels/Retrieval/searchPlace.ts'
import { isThin, whiteningRange } from '../../../renderer/panels/Retrieval/whiteningRange.ts'
import { useOpenHit } from '../../../renderer/panels/Retrieval/useOpenHit.ts'

const pointsWith = (...indices: number[]): MapPoints => ({
  positions: new Float32Array(2 * indices.length),
  indices: Int32Array.from(indices),
  labels: new Int32Array(indices.length),
  predicted: null,
})

test('what is chosen on a map are images: in another layout they are the same ones', () => {
  const [first, second] = [pointsWith(4, 7, 9), pointsWith(7, 4)]
  const chosen = imagesAt([1, 4], first, second)
  assert.deepEqual(chosen, [
    { index: 7, isSecond: false },
    { index: 4, isSecond: true },
  ])
  assert.deepEqual(pointsOf(chosen, first, second), [1, 4])
  assert.deepEqual(pointsOf(chosen, pointsWith(9, 4, 7), pointsWith(4, 7)), [2, 3])
  // While the layout is made there is none; without the second map, only those of the first.
  assert.deepEqual(pointsOf(chosen, null, null), [])
  assert.deepEqual(pointsOf(chosen, first, null), [1])
})

test('what is known of the open hit stays when it leaves the page, but its rank', () => {
  const query = ref<Record<string, string>>({ dataset: 'd', split: 'val', query: '3', hit: '8' })
  const hit = { index: 8, label: 1, className: 'cat', name: 'a', mark: 'right', rank: 2 } as SearchHit
  const result = shallowRef<SearchResult | null>({ hits: [hit] } as unknown as SearchResult)
  const { onPage, hit: open } = useOpenHit(
    result,
    computed(() => readPlace(query.value)),
  )
  assert.equal(open.value, hit)
  result.value = { hits: [] } as unknown as SearchResult
  assert.equal(onPage.value, null)
  assert.deepEqual(open.value, { ...hit, rank: null })
  result.value = null
  assert.equal(open.value?.className, 'cat')
  // Another query: nothing is known of it there.
  query.value = { ...query.value, query: '4' }
  assert.equal(open.value, null)
})

test('a map is flat where no region stands out', () => {
  assert.equal(isFlat([0.1, 0.11, 0.105, 0.1]), true)
  assert.equal(isFlat([0.1, 0.4, 0.02]), false)
  assert.equal(isFlat([0.1, -0.1]), false)
  assert.equal(isFlat([]), false)
})

test('numbers have one minus sign', () => {
  assert.deepEqual(
    [fixed(-0.8123, 3), fixed(-0.0001, 3), fixed(2, 1), fixed(null, 2)],
    ['−0.812', '0.000', '2.0', '–'],
  )
})

test('short names of classes leave the room to the cells of the matrix', () => {
  const widthOf = (name: string): number => 7 * name.length
  assert.deepEqual(nameSpaceOf(widthOf, ['0', '9']), { left: 40, top: 49 })
  assert.deepEqual(nameSpaceOf(widthOf, ['0', 'a'.repeat(40)]), { left: 132, top: 92 })
})

test('what a network was trained on is read from its settings', () => {
  assert.deepEqual(readInput({ input: { size: 28, channels: 1 } }), { size: 28, isGrey: true })
  assert.deepEqual(readInput({ input: { size: 224 } }), { size: 224, isGrey: false })
  assert.equal(readInput({}), null)
})

test('a whitening keeps no more components than its images tell', () => {
  assert.deepEqual(whiteningRange({ count: 84, width: 512 }), { most: 83, usual: 21 })
  assert.deepEqual(whiteningRange({ count: 1000, width: 64 }), { most: 64, usual: 64 })
  assert.deepEqual(whiteningRange({ count: 2, width: 512 }), { most: 1, usual: 1 })
  assert.deepEqual([isThin(84, 21), isThin(84, 22), isThin(1000, 64)], [false, true, false])
})
