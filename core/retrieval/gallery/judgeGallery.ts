/** Every query of a gallery against all of it: the figures, the curves over k, and each query's average precision. */
import type { OpenDataset, SplitName } from '../../datasets/shared/reader.ts'
import type { RetrievalTruth } from '../../datasets/shared/retrievalTruth.ts'
import type { Embeddings } from '../embeddings.ts'
import type { RankCurves, RetrievalFigures } from '../figures.ts'
import { classTruth, type Difficulty } from '../protocols.ts'
import { retrieve } from '../retrieve.ts'

export interface Judgement {
  readonly figures: Readonly<Partial<Record<Difficulty, RetrievalFigures>>>
  readonly curves: Readonly<Partial<Record<Difficulty, RankCurves>>>
  /** In the order of their indices. */
  readonly queries: readonly JudgedQuery[]
  /** Queries that there are; `queries` are spread evenly over them. */
  readonly queryCount: number
}

export interface JudgedQuery {
  readonly index: number
  /** Its class; -1 where the data set has queries of its own. */
  readonly label: number
  readonly difficulty: Difficulty
  readonly averagePrecision: number | null
  readonly firstRank: number | null
  readonly relevantCount: number
}

/** @returns null when cancelled. @throws AppError data-invalid when no query has anything to find. */
export async function judgeGallery(
  queries: Embeddings,
  gallery: Embeddings,
  truth: RetrievalTruth,
  most: number,
  watcher: { progress(done: number, total: number): void; readonly isCancelled: () => boolean },
): Promise<Judgement | null> {
  const all = truth.queries.length
  const chosen =
    all <= most
      ? truth
      : {
          ...truth,
          queries: Array.from({ length: most }, (_, at) => truth.queries[Math.floor((at * all) / most)]!),
        }
  const labelOf = new Map(Array.from(queries.indices, (index, row) => [index, queries.labels[row]!]))
  const made = await retrieve({ queries, gallery, truth: chosen, top: 0 }, watcher)
  return (
    made && {
      figures: made.figures,
      curves: made.curves,
      queries: made.results.map(
        ({ query: index, difficulty, averagePrecision, firstRank, relevantCount }) => ({
          label: labelOf.get(index) ?? -1,
          ...{ index, difficulty, averagePrecision, firstRank, relevantCount },
        }),
      ),
      queryCount: all,
    }
  )
}

/** Whether a gallery is judged by the data set's own queries. */
export function hasOwnQueries(dataset: OpenDataset, split: SplitName): boolean {
  return split === 'gallery' && dataset.retrieval !== undefined
}

/** The data set's own ground truth, or classes. */
export function truthOf(dataset: OpenDataset, split: SplitName, gallery: Embeddings): RetrievalTruth {
  return hasOwnQueries(dataset, split) ? dataset.retrieval! : classTruth(gallery)
}
