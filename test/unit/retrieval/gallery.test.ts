/** Galleries in memory against numpy (fixtures/retrieval/gallery.py): scores, whitening, pooling, matches, curves, maps. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { inMemory } from '../../../core/retrieval/embeddings.ts'
import { curvesOf } from '../../../core/retrieval/figures.ts'
import {
  judgeGallery,
  matchOf,
  partnersOf,
  principalPlane,
  rankedPage,
  rotatedRow,
  mostComponents,
  squaredFactors,
  umapPlane,
} from '../../../core/retrieval/gallery/index.ts'
import { pooled } from '../../../core/retrieval/gallery/lastPooling.ts'
import { RowBlocks } from '../../../core/retrieval/gallery/rowBlocks.ts'
import { classTruth } from '../../../core/retrieval/protocols.ts'
import { principalComponents } from '../../../core/retrieval/whitening/principal.ts'
import { laidOver } from '../../../renderer/panels/Retrieval/mapPoints.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Fixture {
  readonly n: number
  readonly width: number
  readonly places: number
  readonly rows: number[]
  readonly labels: number[]
  readonly scores: number[]
  readonly whitened: Record<string, number[]>
  readonly plane: number[]
  readonly maps: [number[], number[]]
  readonly pooled: Record<string, [number[], number[]]>
  readonly match: { plain: number; queryShares: number[]; whitened: number }
  readonly curves: Record<'k' | 'precision' | 'recall' | 'hit', number[]>
  readonly first: number[]
  readonly second: number[]
  readonly over: number[]
}
const file = new URL('../../fixtures/retrieval/gallery.json', import.meta.url)
const expected = JSON.parse(readFileSync(file, 'utf8')) as Fixture
const { n, width, places } = expected
const rows = Float32Array.from(expected.rows)
const indices = Array.from({ length: n }, (_, at) => at)
const embeddings = inMemory(rows, width, indices, expected.labels)
const quiet = { progress: () => {}, isCancelled: () => false }

before(() => startBackend(withoutTorch === false ? 'torch' : 'wasm', ['float32'], 'cpu'))

test('scores of all rows are the inner products of numpy', () => {
  const blocks = new RowBlocks(n, width)
  blocks.set(0, rows)
  assertClose(blocks.product(blocks.row(7)), expected.scores, 1e-6)
  assert.deepEqual(blocks.row(7), rows.slice(7 * width, 8 * width))
})

test('whitened scores are those of numpy, for any number of components and any strength', async () => {
  const principal = (await principalComponents(embeddings, quiet))!
  const blocks = new RowBlocks(n, width)
  for (let at = 0; at < n; at++)
    blocks.set(at, rotatedRow(principal, rows.subarray(at * width, (at + 1) * width)))
  for (const [name, scores] of Object.entries(expected.whitened)) {
    const [components, power] = name.split(':').map(Number) as [number, number]
    const squared = squaredFactors(principal.variances, { components, power }, n)
    const query = blocks.row(7)
    const length = Math.sqrt(query.reduce((sum, value, c) => sum + value * value * squared[c]!, 0))
    const found = blocks.weighted(
      query.map(value => value / length),
      squared,
    )
    assertClose(found, scores, 2e-4)
  }
})

test('no more components count than the images span', async () => {
  assert.deepEqual([mostComponents(84, 512), mostComponents(1000, 64), mostComponents(1, 64)], [83, 64, 1])
  const few = inMemory(rows.slice(0, 5 * width), width, indices.slice(0, 5), expected.labels.slice(0, 5))
  const { variances } = (await principalComponents(few, quiet))!
  const squared = squaredFactors(variances, { components: width, power: 1 }, 5)
  assert.ok(squared.subarray(0, 4).every(factor => factor > 0))
  assert.ok(squared.subarray(4).every(factor => factor === 0))
})

test('rows without length score 0, and many rows stay in their places', () => {
  const blocks = new RowBlocks(3, 5)
  blocks.set(1, Float32Array.of(3, 0, 4, 0, 0))
  assert.deepEqual(
    [...blocks.weighted(Float32Array.of(1, 0, 0, 0, 0), new Float32Array(5).fill(1))],
    [0, Math.fround(0.6), 0],
  )
})

test('maps are pooled as by numpy', () => {
  for (const [name, [one, other]] of Object.entries(expected.pooled)) {
    const power = name === 'inf' ? Infinity : Number(name)
    const floor = power === 1 || power === Infinity ? 0 : 1e-6
    const both = Float32Array.from(expected.maps.flat())
    assertClose(pooled(both, places, width, { power, floor }), [...one, ...other], 1e-5)
  }
})

test('the shares of the places add up to the score, plain and whitened', async () => {
  const [query, hit] = expected.maps.map(values => {
    const map = Float32Array.from(values)
    const pooling = { power: 3, floor: 1e-6 }
    return { height: 3, width: 4, values: map, pooling, embedding: pooled(map, places, width, pooling) }
  })
  const plain = matchOf(query!, hit!, null)
  assert.ok(Math.abs(plain.score - expected.match.plain) < 1e-5)
  assertClose(plain.query.shares, expected.match.queryShares, 1e-5)
  for (const side of [plain.query, plain.hit]) assert.ok(Math.abs(sum(side.shares) - plain.score) < 1e-5)
  const principal = (await principalComponents(embeddings, quiet))!
  const squared = squaredFactors(principal.variances, { components: 8, power: 0.5 }, n)
  for (const whitener of [null, { principal, squared }]) {
    const match = matchOf(query!, hit!, whitener)
    for (const side of [match.query, match.hit])
      assert.ok(Math.abs(sum(side.shares) + side.rest - match.score) < 1e-4)
    // Without what belongs to the mean, the partners of all places add up to a bilinear whole.
    const place = 5
    if (whitener === null)
      assert.ok(Math.abs(sum(partnersOf(query!, hit!, null, place)) - match.query.shares[place]!) < 1e-5)
    else assert.ok(Math.abs(match.score - expected.match.whitened) < 1e-3)
  }
})

test('precision, recall and hits over k are those of numpy', async () => {
  const judged = (await judgeGallery(embeddings, embeddings, classTruth(embeddings), 1000, quiet))!
  const curves = judged.curves.medium!
  assert.deepEqual(curves.k, expected.curves.k)
  for (const name of ['precision', 'recall', 'hit'] as const)
    assertClose(curves[name].slice(0, -1), expected.curves[name].slice(0, -1), 1e-9)
  assert.equal(judged.queries.length, n)
  const some = (await judgeGallery(embeddings, embeddings, classTruth(embeddings), 6, quiet))!
  assert.deepEqual(
    some.queries.map(({ index }) => index),
    [0, 10, 20, 30, 40, 50],
  )
  assert.equal(some.queryCount, n)
  assert.deepEqual(curvesOf([], 3).precision, [0, 0, 0])
})

test('pages join into one list, in which junk has no rank and the query is not', () => {
  const scores = Float32Array.of(0.5, 1, 0.9, 0.9, 0.1, NaN, 0.7)
  const truth = { relevant: Int32Array.of(3, 4), ignored: Int32Array.of(2) }
  const whole = rankedPage(scores, truth, 1, { offset: 0, limit: 10 })
  assert.deepEqual(
    whole.hits.map(({ row, mark, rank }) => [row, mark, rank]),
    [
      [2, 'junk', null],
      [3, 'right', 1],
      [6, 'wrong', 2],
      [0, 'wrong', 3],
      [4, 'right', 4],
      [5, 'wrong', 5],
    ],
  )
  assert.deepEqual([whole.total, whole.relevantCount, whole.rightRanks], [6, 2, [1, 4]])
  const pages = [0, 2, 4].flatMap(offset => rankedPage(scores, truth, 1, { offset, limit: 2 }).hits)
  assert.deepEqual(pages, whole.hits)
  const unknown = rankedPage(scores, null, null, { offset: 0, limit: 1 })
  assert.deepEqual([unknown.hits[0]!.mark, unknown.averagePrecision], ['unknown', null])
})

test('the plane of two components is that of numpy but for signs', async () => {
  const plane = (await principalPlane(embeddings, quiet))!
  for (const axis of [0, 1]) {
    const own = Array.from({ length: n }, (_, at) => plane[at * 2 + axis]!)
    const theirs = Array.from({ length: n }, (_, at) => expected.plane[at * 2 + axis]!)
    const sign = Math.sign(own[0]! * theirs[0]!)
    assertClose(
      own.map(value => value * sign),
      theirs,
      2e-3,
    )
  }
})

test('a map by UMAP keeps clusters together, is the same again, and can be cancelled', async () => {
  // Three directions with little noise.
  const many = 90
  const values = new Float32Array(many * 8)
  for (let at = 0; at < many; at++) {
    for (let c = 0; c < 8; c++) values[at * 8 + c] = (((at * 31 + c * 17) % 13) / 13) * 0.1
    values[at * 8 + (at % 3)] = 1
  }
  const own = Array.from({ length: many }, (_, at) => at)
  const clusters = inMemory(values, 8, own, own)
  const plane = (await umapPlane(clusters, quiet))!
  const nearest = own.filter(at => {
    const distance = (other: number): number =>
      other === at
        ? Infinity
        : Math.hypot(plane[at * 2]! - plane[other * 2]!, plane[at * 2 + 1]! - plane[other * 2 + 1]!)
    return own.reduce((best, other) => (distance(other) < distance(best) ? other : best)) % 3 === at % 3
  })
  assert.equal(nearest.length, many)
  assert.deepEqual(await umapPlane(clusters, quiet), plane)
  assert.equal(await umapPlane(clusters, { ...quiet, isCancelled: () => true }), null)
})

test('a second map is laid over the first as singular vectors lay it', () => {
  const points = (positions: number[]) => {
    const count = positions.length / 2
    const own = Int32Array.from({ length: count }, (_, at) => at)
    return { positions: Float32Array.from(positions), indices: own, labels: own, predicted: null }
  }
  assertClose(laidOver(points(expected.first), points(expected.second)), expected.over, 1e-5)
})

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0)
}

function assertClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length)
  wanted.forEach((value, at) =>
    assert.ok(Math.abs(found[at]! - value) <= tolerance, `${at}: ${found[at]}, expected ${value}`),
  )
}
