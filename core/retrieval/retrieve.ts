/** Judges a retrieval: every query ranked against the gallery, exactly. */
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../errors/index.ts'
import type { RetrievalQuery, RetrievalTruth } from '../datasets/shared/retrievalTruth.ts'
import { curvesOf, figuresOf, type QueryResult, type RankCurves, type RetrievalFigures } from './figures.ts'
import { trapezoidAveragePrecision } from './metrics/averagePrecision.ts'
import { difficultiesOf, expectedOf, type Difficulty } from './protocols.ts'
import { compare, rankingOf, type Ranking } from './ranking.ts'
import { scoreBlocks } from './search.ts'
import type { Embeddings } from './embeddings.ts'

export interface RetrievalOrder {
  readonly queries: Embeddings
  readonly gallery: Embeddings
  readonly truth: RetrievalTruth
  /** Images that each query's result lists. Default 10. */
  readonly top?: number
}

export interface RetrievalOutcome {
  readonly figures: Readonly<Partial<Record<Difficulty, RetrievalFigures>>>
  readonly curves: Readonly<Partial<Record<Difficulty, RankCurves>>>
  readonly results: readonly QueryResult[]
  /** Queries whose own image cannot be used; they are in no mean. */
  readonly lostQueries: number
}

export interface RetrievalWatcher {
  progress(done: number, total: number): void
  readonly isCancelled: () => boolean
}

/** Scores that are kept at once: 128 MB. */
const keptScores = 2 ** 25

/**
 * Relevant images that have no embedding count as not found.
 * @returns null when cancelled.
 * @throws AppError invalid-request for images that the data set does not have; data-invalid when no query has anything to find.
 */
export async function retrieve(
  order: RetrievalOrder,
  watcher: RetrievalWatcher,
): Promise<RetrievalOutcome | null> {
  const { truth, queries, gallery } = order
  const rowOfQuery = rowsByIndex(queries)
  const rowOfImage = rowsByIndex(gallery)
  const asked = truth.queries.filter(({ query }) => rowOfQuery.has(query))
  const difficulties = difficultiesOf(truth)
  const judged: {
    readonly difficulty: Difficulty
    readonly ranking: Ranking
    readonly result: QueryResult
  }[] = []
  const atOnce = Math.max(1, Math.floor(keptScores / Math.max(1, gallery.count)))
  for (let from = 0; from < asked.length; from += atOnce) {
    const some = asked.slice(from, from + atOnce)
    const scores = await scoresOf(some, rowOfQuery, order, watcher.isCancelled)
    if (scores === null) return null
    for (const [at, query] of some.entries()) {
      const row = scores.subarray(at * gallery.count, (at + 1) * gallery.count)
      for (const difficulty of difficulties)
        judged.push({ difficulty, ...judge(query, difficulty, row, rowOfImage, order) })
      watcher.progress(from + at + 1, asked.length)
      if (at % 64 === 63) await setImmediate()
      if (watcher.isCancelled()) return null
    }
  }
  const countsSelf = truth.protocol === 'ukbench'
  const byDifficulty = <Value>(measure: (rankings: readonly Ranking[]) => Value) =>
    Object.fromEntries(
      difficulties.map(difficulty => {
        const rankings = judged.filter(each => each.difficulty === difficulty).map(({ ranking }) => ranking)
        return [difficulty, measure(rankings)]
      }),
    )
  const figures = byDifficulty(rankings => figuresOf(rankings, countsSelf))
  const curves = byDifficulty(rankings => curvesOf(rankings, gallery.count))
  if (!judged.some(({ ranking }) => ranking.relevantCount > 0)) throw nothingToFind(asked.length)
  const results = judged.map(({ result }) => result)
  return { figures, curves, results, lostQueries: truth.queries.length - asked.length }
}

/** Scores of every gallery image, [queries, gallery]. */
async function scoresOf(
  some: readonly RetrievalQuery[],
  rowOfQuery: ReadonlyMap<number, number>,
  { queries, gallery }: RetrievalOrder,
  isCancelled: () => boolean,
): Promise<Float32Array | null> {
  const { width } = queries
  const rows = new Float32Array(some.length * width)
  for (const [at, { query }] of some.entries()) {
    const row = rowOfQuery.get(query)!
    rows.set(await queries.rows(row, row + 1), at * width)
  }
  const all = new Float32Array(some.length * gallery.count)
  for await (const { from, count, scores } of scoreBlocks(rows, gallery, isCancelled))
    for (let at = 0; at < some.length; at++)
      all.set(scores.subarray(at * count, (at + 1) * count), at * gallery.count + from)
  return isCancelled() ? null : all
}

function judge(
  query: RetrievalQuery,
  difficulty: Difficulty,
  scores: Float32Array,
  rowOfImage: ReadonlyMap<number, number>,
  { gallery, top = 10 }: RetrievalOrder,
): { readonly ranking: Ranking; readonly result: QueryResult } {
  const { relevant, ignored } = expectedOf(query, difficulty)
  const out = rowsOf(ignored, rowOfImage)
  const wanted = rowsOf(relevant, rowOfImage)
  const found = rankingOf(scores, Int32Array.from(wanted), out)
  const isOut = new Set(ignored)
  const lost = relevant.filter(index => !rowOfImage.has(index) && !isOut.has(index)).length
  const ranking = { positions: found.positions, relevantCount: found.relevantCount + lost }
  const first = ranking.positions[0]
  return {
    ranking,
    result: {
      query: query.query,
      difficulty,
      averagePrecision: ranking.relevantCount === 0 ? null : trapezoidAveragePrecision(ranking),
      firstRank: first === undefined ? null : first + 1,
      relevantCount: ranking.relevantCount,
      top: bestRows(scores, top, new Set(out)).map(row => ({
        index: gallery.indices[row]!,
        score: scores[row]!,
        isRelevant: wanted.has(row),
      })),
    },
  }
}

/** The best rows, best first. */
function bestRows(scores: Float32Array, most: number, isOut: ReadonlySet<number>): number[] {
  const best: number[] = []
  for (let row = 0; row < scores.length; row++) {
    if (best.length === most && compare(scores, best.at(-1)!, row) < 0) continue
    if (isOut.has(row) || most === 0) continue
    let at = best.length
    while (at > 0 && compare(scores, row, best[at - 1]!) < 0) at--
    best.splice(at, 0, row)
    if (best.length > most) best.pop()
  }
  return best
}

function rowsByIndex({ indices }: Embeddings): ReadonlyMap<number, number> {
  return new Map(Array.from(indices, (index, row) => [index, row]))
}

function rowsOf(indices: Int32Array, rowOfImage: ReadonlyMap<number, number>): Set<number> {
  const rows = new Set<number>()
  for (const index of indices) {
    const row = rowOfImage.get(index)
    if (row !== undefined) rows.add(row)
  }
  return rows
}

function nothingToFind(queryCount: number): AppError {
  const message = `Retrieval: none of ${queryCount} queries has anything to find in the gallery. Use images of which two or more show the same`
  return new AppError('data-invalid', message, { queryCount })
}
