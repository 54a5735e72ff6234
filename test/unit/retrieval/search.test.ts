/** Exact search against brute force in double precision, from memory and from a file. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it, test } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { randomStream } from '../../../core/graph/index.ts'
import { fileWriter, inMemory, openEmbeddings } from '../../../core/retrieval/embeddings.ts'
import { normalised } from '../../../core/retrieval/normalise.ts'
import { scoreBlocks, search } from '../../../core/retrieval/search.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

const [count, width, queryCount] = [500, 24, 7]
const random = randomStream(1, 'search')
const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => random() - 0.5)
const rows = normalised(draw(count * width), width)
const queries = normalised(draw(queryCount * width), width)
const places = Array.from({ length: count }, (_, at) => at)
const gallery = inMemory(rows, width, places, places)

/** The best ten rows of each query. */
function bruteForce(ignored: (query: number) => number): number[][] {
  return Array.from({ length: queryCount }, (_, query) => {
    const scores = places.map(row => {
      let sum = 0
      for (let c = 0; c < width; c++) sum += queries[query * width + c]! * rows[row * width + c]!
      return sum
    })
    const best = places.filter(row => row !== ignored(query)).sort((a, b) => scores[b]! - scores[a]!)
    return best.slice(0, 10)
  })
}

for (const backend of ['cpu', 'torch'])
  describe(`search on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    it('finds what brute force finds, best first', async () => {
      const found = await search(queries, gallery, 10)
      assert.deepEqual(
        found!.map(hits => hits.map(({ row }) => row)),
        bruteForce(() => -1),
      )
      assert.ok(found!.every(hits => hits.every(({ score }, at) => at === 0 || score <= hits[at - 1]!.score)))
    })

    it('leaves out what is ignored', async () => {
      const firsts = bruteForce(() => -1).map(best => best[0]!)
      const first = (query: number): number => firsts[query]!
      const found = await search(queries, gallery, 10, (query, row) => row === first(query))
      assert.deepEqual(
        found!.map(hits => hits.map(({ row }) => row)),
        bruteForce(first),
      )
    })

    it('finds the same in a file', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'embeddings-'))
      try {
        const writer = await fileWriter(folder, 'key')
        for (let from = 0; from < count; from += 130) {
          const to = Math.min(from + 130, count)
          const some = Int32Array.from(places.slice(from, to))
          await writer.append(rows.subarray(from * width, to * width), some, some)
        }
        const written = await writer.finish(width)
        const found = await search(queries, written, 10)
        assert.deepEqual(
          found!.map(hits => hits.map(({ row }) => row)),
          bruteForce(() => -1),
        )
        await written.close()
      } finally {
        await rm(folder, { recursive: true })
      }
    })
  })

test('of equal scores the lower row comes first; rows that are no number never come', async () => {
  await startBackend('cpu')
  const alike = inMemory(Float32Array.of(1, 0, NaN, 0, 1, 0, 0, 1), 2, places.slice(0, 4), places.slice(0, 4))
  const found = await search(Float32Array.of(1, 0), alike, 10)
  assert.deepEqual(
    found![0]!.map(({ row }) => row),
    [0, 2, 3],
  )
})

test('fewer images than asked for are all there are; other widths are refused; cancelling ends it', async () => {
  await startBackend('cpu')
  const small = inMemory(Float32Array.of(1, 0, 0, 1), 2, [0, 1], [0, 0])
  assert.equal((await search(Float32Array.of(1, 0), small, 10))![0]!.length, 2)
  await assert.rejects(scoreBlocks(Float32Array.of(1, 0, 1), small).next(), /2 values/)
  assert.equal(await search(Float32Array.of(1, 0), small, 10, undefined, () => true), null)
})

test('embeddings in a file are known again by what they were made from, and only when whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'embeddings-'))
  try {
    const writer = await fileWriter(folder, 'a')
    await writer.append(rows.subarray(0, 2 * width), Int32Array.of(4, 9), Int32Array.of(1, 2))
    assert.equal(await openEmbeddings(folder, 'a'), null)
    await (await writer.finish(width)).close()
    assert.equal(await openEmbeddings(folder, 'b'), null)
    const found = await openEmbeddings(folder, 'a')
    assert.deepEqual([[...found!.indices], [...found!.labels], found!.width], [[4, 9], [1, 2], width])
    assert.deepEqual([...(await found!.rows(1, 2))], [...rows.subarray(width, 2 * width)])
    await found!.close()
    await truncate(join(folder, 'embeddings.f32'), width * 4)
    assert.equal(await openEmbeddings(folder, 'a'), null)
  } finally {
    await rm(folder, { recursive: true })
  }
})
