/** Retrieval metrics: vectors by hand, and revisitop and pytorch-metric-learning on random rankings (fixtures/retrieval/metrics.py). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { figuresOf } from '../../../core/retrieval/figures.ts'
import { trapezoidAveragePrecision } from '../../../core/retrieval/metrics/averagePrecision.ts'
import { nisterStewenius, precisionAt } from '../../../core/retrieval/metrics/precision.ts'
import { classTruth, expectedOf, type Difficulty } from '../../../core/retrieval/protocols.ts'
import { rankingOf, rankingOfList, type Ranking } from '../../../core/retrieval/ranking.ts'

interface Fixture {
  revisited: {
    scores: number[][]
    truth: { easy: number[]; hard: number[]; junk: number[] }[]
    figures: Record<Difficulty, { map: number; aps: (number | null)[]; mp: number[] }>
  }[]
  classes: { labels: number[]; scores: number[][]; figures: Record<string, number> }[]
}
const file = new URL('../../fixtures/retrieval/metrics.json', import.meta.url)
const { revisited, classes } = JSON.parse(readFileSync(file, 'utf8')) as Fixture

test('trapezoid AP of ranks 0, 2, 5 of 4 relevant images is .5083333', () => {
  const ranking = { positions: Int32Array.of(0, 2, 5), relevantCount: 4 }
  assertClose(trapezoidAveragePrecision(ranking), 0.5083333333)
})

test('junk is taken out before ranks are counted, and the query itself', () => {
  const list = [7, 3, 9, 1, 4]
  const ranking = rankingOfList(list, [9, 4], [7, 1])
  assert.deepEqual([...ranking.positions], [1, 2])
  const scores = new Float32Array(10).map((_, index) => (list.includes(index) ? 10 - list.indexOf(index) : 0))
  assert.deepEqual([...rankingOf(scores, Int32Array.of(9, 4), [7, 1]).positions], [1, 2])
})

test('equal scores stand by their index, and what is not a number comes last', () => {
  const scores = Float32Array.of(NaN, 1, 1, 2, NaN)
  assert.deepEqual([...rankingOf(scores, Int32Array.of(0, 2, 3), []).positions], [0, 2, 3])
})

test('an image that is relevant and junk at once is junk', () => {
  assert.deepEqual(rankingOf(Float32Array.of(3, 2, 1), Int32Array.of(0, 2), [0]), {
    positions: Int32Array.of(1),
    relevantCount: 1,
  })
})

test("UKBench's score counts the query among the four", () => {
  assert.equal(nisterStewenius({ positions: Int32Array.of(0, 1, 3, 8), relevantCount: 4 }), 3)
})

test('queries without anything to find are left out of the means', () => {
  const empty: Ranking = { positions: new Int32Array(0), relevantCount: 0 }
  const found: Ranking = { positions: Int32Array.of(1), relevantCount: 1 }
  const figures = figuresOf([empty, found], false)
  assert.deepEqual([figures.queryCount, figures.emptyCount, figures.plainMap], [1, 1, 0.5])
  assert.ok(Number.isNaN(figuresOf([empty], false).map))
  assert.ok(Number.isNaN(precisionAt(empty, 5)))
})

for (const difficulty of ['easy', 'medium', 'hard'] as const)
  test(`revisitop on random rankings: ${difficulty}`, () => {
    for (const { scores, truth, figures } of revisited) {
      const rankings = scores.map((row, i) => {
        const { easy, hard, junk } = truth[i]!
        const query = { query: i, self: null, box: null, ...typed({ easy, hard, junk }) }
        const { relevant, ignored } = expectedOf(query, difficulty)
        return rankingOf(Float32Array.from(row), relevant, ignored)
      })
      const { map, revisitedPrecisionAt } = figuresOf(rankings, false)
      const expected = figures[difficulty]
      assertClose(map, expected.map)
      rankings.forEach((ranking, i) => {
        assertClose(trapezoidAveragePrecision(ranking), expected.aps[i] ?? NaN)
      })
      const mp = Object.values(revisitedPrecisionAt)
      mp.forEach((value, i) => assertClose(value, expected.mp[i]!))
    }
  })

test('pytorch-metric-learning on random rankings by class', () => {
  for (const { labels, scores, figures } of classes) {
    const rankings = classTruth({
      labels: Int32Array.from(labels),
      indices: Int32Array.from(labels.keys()),
    }).queries.map((query, i) => {
      const { relevant, ignored } = expectedOf(query, 'medium')
      return rankingOf(Float32Array.from(scores[i]!), relevant, ignored)
    })
    const ours = figuresOf(rankings, false)
    for (const name of ['rPrecision', 'mapAtR', 'plainMap', 'reciprocalRank', 'precisionAt1'] as const)
      assertClose(ours[name], figures[name]!)
    assertClose(ours.precisionAt['5']!, figures['precisionAt5']!)
    assertClose(ours.recallAt['5']!, figures['recallAt5']!)
  }
})

function typed({ easy, hard, junk }: { easy: number[]; hard: number[]; junk: number[] }) {
  return { easy: Int32Array.from(easy), hard: Int32Array.from(hard), junk: Int32Array.from(junk) }
}

function assertClose(actual: number, expected: number): void {
  if (Number.isNaN(expected)) return assert.ok(Number.isNaN(actual), `${actual} is not NaN`)
  // The mean reciprocal rank of pytorch-metric-learning is computed in float32.
  assert.ok(Math.abs(actual - expected) < 1e-7, `${actual} is not ${expected}`)
}
