/** The figures of a retrieval: one set of metrics a query, and their means. */
import {
  averagePrecision,
  averagePrecisionAtR,
  trapezoidAveragePrecision,
} from './metrics/averagePrecision.ts'
import { nisterStewenius, precisionAt, revisitedPrecisionAt, rPrecision } from './metrics/precision.ts'
import { recallAt, reciprocalRank } from './metrics/recall.ts'
import type { Difficulty } from './protocols.ts'
import type { Ranking } from './ranking.ts'

/** Means over the queries that have something to find, fractions from 0 to 1; NaN where none has. */
export interface RetrievalFigures {
  /** Mean average precision by trapezoids, as revisitop and MultiGrain report it. */
  readonly map: number
  /** Without interpolation. */
  readonly plainMap: number
  readonly mapAtR: number
  readonly rPrecision: number
  readonly precisionAt1: number
  readonly reciprocalRank: number
  /** By k. */
  readonly precisionAt: Readonly<Record<string, number>>
  /** revisitop's mP@k, by k. */
  readonly revisitedPrecisionAt: Readonly<Record<string, number>>
  readonly recallAt: Readonly<Record<string, number>>
  /** UKBench's score, 0 to 4; null for other sets. */
  readonly nisterStewenius: number | null
  readonly queryCount: number
  /** Queries without anything to find, left out of the means. */
  readonly emptyCount: number
}

/** The k that are reported. */
export const reportedKs = [1, 5, 10] as const

/** One query's outcome, as a report lists it. */
export interface QueryResult {
  /** Its image in the split of queries. */
  readonly query: number
  readonly difficulty: Difficulty
  /** By trapezoids; null when there was nothing to find. */
  readonly averagePrecision: number | null
  /** Rank of the first relevant image, from 1; null when there is none. */
  readonly firstRank: number | null
  readonly relevantCount: number
  /** First images of the gallery, best first, without what does not count. */
  readonly top: readonly { readonly index: number; readonly score: number; readonly isRelevant: boolean }[]
}

/** Means over the queries that have something to find, by k; fractions from 0 to 1. */
export interface RankCurves {
  readonly k: readonly number[]
  readonly precision: readonly number[]
  /** Share of what is to be found that stands among the first k. */
  readonly recall: readonly number[]
  /** Share of the queries with anything right among the first k: Recall@k of metric learning. */
  readonly hit: readonly number[]
}

/** At about every fifth of a decade, and the last. @param most images that can be found */
export function curvesOf(rankings: readonly Ranking[], most: number): RankCurves {
  const asked = rankings.filter(({ relevantCount }) => relevantCount > 0)
  const steps = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000]
  const k = [...steps, 10_000, 20_000, 50_000, 100_000].filter(each => each < most)
  if (most > 0) k.push(most)
  const sums = { precision: k.map(() => 0), recall: k.map(() => 0), hit: k.map(() => 0) }
  for (const { positions, relevantCount } of asked) {
    let found = 0
    k.forEach((each, at) => {
      while (found < positions.length && positions[found]! < each) found++
      sums.precision[at]! += found / each / asked.length
      sums.recall[at]! += found / relevantCount / asked.length
      sums.hit[at]! += (found > 0 ? 1 : 0) / asked.length
    })
  }
  return { k, ...sums }
}

/** @param countsSelf whether UKBench's score is asked for, whose rankings hold the query itself */
export function figuresOf(rankings: readonly Ranking[], countsSelf: boolean): RetrievalFigures {
  const asked = rankings.filter(({ relevantCount }) => relevantCount > 0)
  const mean = (metric: (ranking: Ranking) => number): number =>
    asked.reduce((sum, ranking) => sum + metric(ranking), 0) / asked.length
  const byK = (metric: (ranking: Ranking, k: number) => number): Record<string, number> =>
    Object.fromEntries(reportedKs.map(k => [String(k), mean(ranking => metric(ranking, k))]))
  return {
    map: mean(trapezoidAveragePrecision),
    plainMap: mean(averagePrecision),
    mapAtR: mean(averagePrecisionAtR),
    rPrecision: mean(rPrecision),
    precisionAt1: mean(ranking => precisionAt(ranking, 1)),
    reciprocalRank: mean(reciprocalRank),
    precisionAt: byK(precisionAt),
    revisitedPrecisionAt: byK(revisitedPrecisionAt),
    recallAt: byK(recallAt),
    nisterStewenius: countsSelf ? mean(nisterStewenius) : null,
    queryCount: asked.length,
    emptyCount: rankings.length - asked.length,
  }
}
