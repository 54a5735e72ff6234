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

/**
 * Classes as ground truth: every image is a query for the others of its class.
 * @param labels class of each image, [N]
 * @param queries which images are queries; all when left out
 */
export function classTruth(labels: Int32Array, queries: Iterable<number> = labels.keys()): RetrievalTruth {
  const members = new Map<number, number[]>()
  labels.forEach((label, index) => {
    const known = members.get(label)
    if (known) known.push(index)
    else members.set(label, [index])
  })
  const byClass = new Map([...members].map(([label, indices]) => [label, Int32Array.from(indices)]))
  const none = new Int32Array(0)
  return {
    protocol: 'plain',
    queries: Array.from(queries, query => ({
      query,
      self: query,
      // The query itself is left out by `self`.
      easy: byClass.get(labels[query]!) ?? none,
      hard: none,
      junk: none,
      box: null,
    })),
  }
}
