/** Exact search: the scores of every gallery image, block by block, so that memory stays bounded. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import type { Embeddings } from './embeddings.ts'
import { product } from './product.ts'

/** Values of the gallery that are multiplied at once: 64 MB. */
const blockValues = 2 ** 24

/** Inner products with a block of the gallery, row-major [queries, count]; for embeddings of unit length the cosines. */
export interface ScoreBlock {
  readonly from: number
  readonly count: number
  readonly scores: Float32Array
}

/**
 * @param queries row-major [Q, width]
 * @param isCancelled asked between blocks; the series then ends
 * @throws AppError invalid-request when queries and gallery differ in width.
 */
export async function* scoreBlocks(
  queries: Float32Array,
  gallery: Embeddings,
  isCancelled: () => boolean = () => false,
): AsyncGenerator<ScoreBlock> {
  const { width, count } = gallery
  if (width < 1 || queries.length % width !== 0) {
    const message = `Search: the gallery's embeddings have ${width} values, which ${queries.length} values of queries are no multiple of`
    throw new AppError('invalid-request', message, { width, got: queries.length })
  }
  const perBlock = Math.max(1, Math.floor(blockValues / width))
  const columns = tf.tidy(() =>
    tf.transpose(tf.tensor2d(queries, [queries.length / width, width])),
  ) as tf.Tensor2D // [C,Q]
  try {
    for (let from = 0; from < count && !isCancelled(); from += perBlock) {
      const to = Math.min(from + perBlock, count)
      const rows = await gallery.rows(from, to)
      const scored = tf.tidy(() => {
        const block = tf.tensor2d(rows, [to - from, width]) // [b,C]
        return tf.transpose(product(block, columns)) // [Q,b]
      })
      const scores = (await scored.data()) as Float32Array
      scored.dispose()
      yield { from, count: to - from, scores }
    }
  } finally {
    columns.dispose()
  }
}

export interface Hit {
  /** Row of the gallery. */
  readonly row: number
  readonly score: number
}

/**
 * The best rows for each query, best first; of equal scores the lower row comes first, and what is not a number never.
 * @param isIgnored rows that are left out, such as the query itself
 * @returns null when cancelled.
 */
export async function search(
  queries: Float32Array,
  gallery: Embeddings,
  top: number,
  isIgnored: (query: number, row: number) => boolean = () => false,
  isCancelled: () => boolean = () => false,
): Promise<Hit[][] | null> {
  const best = Array.from({ length: queries.length / gallery.width }, () => new BestHits(top))
  for await (const { from, count, scores } of scoreBlocks(queries, gallery, isCancelled))
    best.forEach((hits, query) => {
      for (let at = 0; at < count; at++) {
        const score = scores[query * count + at]!
        if (score > hits.least && !isIgnored(query, from + at)) hits.add({ row: from + at, score })
      }
    })
  return isCancelled() ? null : best.map(hits => hits.list)
}

/** The best so far, sorted; most candidates fail the first comparison. */
class BestHits {
  readonly list: Hit[] = []
  /** Scores up to here are of no use. */
  least = -Infinity
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Rows come in ascending order. */
  add(hit: Hit): void {
    let at = this.list.length
    while (at > 0 && this.list[at - 1]!.score < hit.score) at--
    this.list.splice(at, 0, hit)
    if (this.list.length > this.#most) this.list.pop()
    if (this.list.length === this.#most) this.least = this.list.at(-1)?.score ?? Infinity
  }
}
