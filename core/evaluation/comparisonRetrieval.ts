/** Two retrieval evaluations, query by query. */
import { mcnemar, wilcoxon, type SignedRank } from './comparisonStatistics.ts'

type Difficulty = 'easy' | 'medium' | 'hard'

/** A query as a report holds it. */
export interface ReportedQuery {
  readonly name: string
  /** Image in its split; reports of older versions lack it. */
  readonly index?: number | undefined
  readonly difficulty: Difficulty
  /** 0 to 1; null where there was nothing to find. */
  readonly averagePrecision: number | null
  /** Of the first relevant image, from 1. */
  readonly firstRank: number | null
  readonly relevantCount: number
  readonly top: readonly {
    readonly name: string
    readonly index?: number | undefined
    readonly score: number | null
    readonly isRelevant: boolean
  }[]
}

export interface ComparedQuery {
  readonly name: string
  readonly first: ReportedQuery
  readonly second: ReportedQuery
  /** Of average precision, second less first. */
  readonly change: number
}

export interface RetrievalComparison {
  readonly difficulties: readonly Difficulty[]
  /** Those that both judged, the greatest change first. */
  readonly queries: readonly ComparedQuery[]
  /** Queries that one alone has. */
  readonly unmatchedCount: number
  /** Means of average precision over them. */
  readonly map: readonly [number, number]
  readonly won: number
  readonly lost: number
  readonly tied: number
  /** Sign test of won against lost. */
  readonly signP: number
  readonly wilcoxon: SignedRank
  /** Queries by change from -1 to 1, in equal steps. */
  readonly histogram: readonly number[]
}

const steps = 20
/** Below it a change is rounding. */
const least = 1e-9

/** @param difficulty null: medium where there is one, else the first there is. */
export function compareRetrieval(
  first: readonly ReportedQuery[],
  second: readonly ReportedQuery[],
  difficulty: Difficulty | null,
): RetrievalComparison {
  const difficulties = (['easy', 'medium', 'hard'] as const).filter(each =>
    first.some(query => query.difficulty === each),
  )
  const chosen = difficulty ?? (difficulties.includes('medium') ? 'medium' : difficulties[0])
  const of = (queries: readonly ReportedQuery[]) =>
    new Map(
      queries
        .filter(each => each.difficulty === chosen && each.averagePrecision !== null)
        .map(each => [each.name, each] as const),
    )
  const [before, after] = [of(first), of(second)]
  const queries = [...before]
    .flatMap(([name, one]) => {
      const other = after.get(name)
      if (!other) return []
      const change = other.averagePrecision! - one.averagePrecision!
      return [{ name, first: one, second: other, change: Math.abs(change) < least ? 0 : change }]
    })
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.name < b.name ? -1 : 1))
  const won = queries.filter(({ change }) => change > 0).length
  const lost = queries.filter(({ change }) => change < 0).length
  const histogram = Array.from({ length: steps }, () => 0)
  for (const { change } of queries) histogram[Math.min(steps - 1, Math.floor(((change + 1) / 2) * steps))]!++
  const mean = (value: (query: ComparedQuery) => number): number =>
    queries.length === 0 ? 0 : queries.reduce((sum, query) => sum + value(query), 0) / queries.length
  return {
    ...{ difficulties, queries, won, lost, histogram },
    unmatchedCount: before.size + after.size - 2 * queries.length,
    map: [mean(each => each.first.averagePrecision!), mean(each => each.second.averagePrecision!)],
    tied: queries.length - won - lost,
    signP: mcnemar(lost, won),
    wilcoxon: wilcoxon(queries.map(({ change }) => change)),
  }
}
