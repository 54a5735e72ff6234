/** One page of a ranked gallery, and how good the whole ranking is. */
import { trapezoidAveragePrecision } from '../metrics/averagePrecision.ts'
import type { Expected } from '../protocols.ts'
import { compare, rankingOf } from '../ranking.ts'

/** Right or wrong; junk counts as neither; unknown where nothing is known of the query. */
export type Mark = 'right' | 'wrong' | 'junk' | 'unknown'

export interface RankedHit {
  readonly row: number
  readonly score: number
  readonly mark: Mark
  /** From 1, junk not counted; null for junk. */
  readonly rank: number | null
}

export interface RankedPage {
  /** Images of the list: all of the gallery but the query itself. */
  readonly total: number
  readonly hits: readonly RankedHit[]
  /** Null where nothing is known of the query, or there is nothing to find. */
  readonly averagePrecision: number | null
  readonly relevantCount: number | null
  /** Ranks of the right images from 1, ascending, as far as they are asked for. */
  readonly rightRanks: readonly number[]
}

/** Right images whose ranks are told, at most. */
const mostRanks = 10_000

/**
 * @param scores of every row of the gallery; higher first, of equal ones the lower row
 * @param expected rows that are right and that do not count; null where nothing is known
 * @param self the query's own row, which is left out
 */
export function rankedPage(
  scores: Float32Array,
  expected: Expected | null,
  self: number | null,
  page: { readonly offset: number; readonly limit: number },
): RankedPage {
  const junk = new Set(expected?.ignored ?? [])
  const right = new Set(expected?.relevant ?? [])
  if (self !== null) junk.delete(self)
  const order = bestRows(scores, self, page.offset + page.limit)
  const junkBefore = order.slice(0, page.offset).filter(row => junk.has(row)).length
  let rank = Math.min(page.offset, order.length) - junkBefore
  const hits = order.slice(page.offset).map((row): RankedHit => {
    const isJunk = junk.has(row)
    if (!isJunk) rank++
    const mark = isJunk ? 'junk' : expected === null ? 'unknown' : right.has(row) ? 'right' : 'wrong'
    return { row, score: scores[row]!, mark, rank: isJunk ? null : rank }
  })
  const total = scores.length - (self === null ? 0 : 1)
  if (expected === null) return { total, hits, averagePrecision: null, relevantCount: null, rightRanks: [] }
  const out = self === null ? junk : [...junk, self]
  const ranking = rankingOf(scores, expected.relevant, out)
  return {
    ...{ total, hits, relevantCount: ranking.relevantCount },
    averagePrecision: ranking.relevantCount === 0 ? null : trapezoidAveragePrecision(ranking),
    rightRanks: Array.from(ranking.positions.subarray(0, mostRanks), position => position + 1),
  }
}

/** The best rows, best first, found without sorting all of them. */
function bestRows(scores: Float32Array, self: number | null, most: number): number[] {
  // A heap whose top is the worst of the best.
  const heap: number[] = []
  const isWorse = (one: number, other: number): boolean => compare(scores, one, other) > 0
  const swap = (i: number, j: number): void => void ([heap[i], heap[j]] = [heap[j]!, heap[i]!])
  const sink = (): void => {
    for (let at = 0; ;) {
      let worst = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isWorse(heap[child]!, heap[worst]!)) worst = child
      if (worst === at) return
      swap(at, worst)
      at = worst
    }
  }
  for (let row = 0; row < scores.length; row++) {
    if (row === self) continue
    if (heap.length < most) {
      heap.push(row)
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >>> 1
        if (!isWorse(heap[at]!, heap[parent]!)) break
        swap(at, parent)
        at = parent
      }
    } else if (most > 0 && isWorse(heap[0]!, row)) {
      heap[0] = row
      sink()
    }
  }
  return heap.sort((one, other) => compare(scores, one, other))
}
