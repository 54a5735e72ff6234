/** What counts as right, wrong and neither for a query. */
import type { RetrievalQuery, RetrievalTruth } from '../datasets/shared/retrievalTruth.ts'

/** How hard what is to be found may be. Sets without hard images have `medium` alone, which is all there is. */
export type Difficulty = 'easy' | 'medium' | 'hard'

/** Indices of the gallery. */
export interface Expected {
  readonly relevant: Int32Array
  readonly ignored: Int32Array
}

/**
 * Easy: the easy ones are right, the hard ones neither. Medium: both are right. Hard: the hard ones are right, the easy ones neither.
 * Junk and the query itself never count, but for UKBench, whose score counts the query.
 * @source Radenović et al. 2018, Revisiting Oxford and Paris, section 3.3.
 */
export function expectedOf(query: RetrievalQuery, difficulty: Difficulty): Expected {
  const { easy, hard, junk, self } = query
  const own = self === null ? [] : [self]
  if (difficulty === 'easy') return { relevant: easy, ignored: Int32Array.from([...junk, ...hard, ...own]) }
  if (difficulty === 'hard') return { relevant: hard, ignored: Int32Array.from([...junk, ...easy, ...own]) }
  return { relevant: Int32Array.from([...easy, ...hard]), ignored: Int32Array.from([...junk, ...own]) }
}

/** The difficulties that a set tells apart. */
export function difficultiesOf({ protocol }: RetrievalTruth): readonly Difficulty[] {
  return protocol === 'revisited' ? ['easy', 'medium', 'hard'] : ['medium']
}

/** Images with their classes, by their index in a split. */
export interface Labelled {
  readonly indices: Int32Array
  readonly labels: Int32Array
}

/**
 * Classes as ground truth: every image is a query for the others of its class.
 * @param gallery images that are found; the queries themselves when left out, and then no query finds itself
 */
export function classTruth(queries: Labelled, gallery: Labelled = queries): RetrievalTruth {
  const members = Map.groupBy(gallery.labels.keys(), row => gallery.labels[row]!)
  const byClass = new Map(
    [...members].map(([label, rows]) => [label, Int32Array.from(rows, row => gallery.indices[row]!)]),
  )
  const none = new Int32Array(0)
  return {
    protocol: 'plain',
    queries: Array.from(queries.indices, (query, row) => ({
      query,
      self: gallery === queries ? query : null,
      // The query itself is left out by `self`.
      easy: byClass.get(queries.labels[row]!) ?? none,
      hard: none,
      junk: none,
      box: null,
    })),
  }
}
