/** Comparisons of checkpoints: what there is to compare; joining and measuring is the workers' work. */
import type { ComparedQuery, Handlers, WorkbenchContract } from '../contract/index.ts'
import type { TaskValue } from '../processes/protocol.ts'
import type { StoredEvaluation } from '../store/index.ts'
import { driftHandlers } from './comparisonDrift.ts'
import { imageUrl, judgedOn, refuseOthers, reportPathOf } from './comparisonFiles.ts'
import { checkpointSummary, openComparison } from './comparisonSides.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'

export function comparisonHandlers(
  workbench: Workbench,
  jobs: Jobs,
): Handlers<WorkbenchContract>['comparisons'] {
  const { store, supervisor, folders } = workbench
  return {
    ...driftHandlers(workbench, jobs),
    checkpoints({ search, runId, limit }) {
      const words = search.split(/\s+/).filter(word => word !== '')
      const { total, found } = store.candidates.search(words, runId, limit)
      return { total, items: found.map(({ id }) => checkpointSummary(store, id)) }
    },
    open: request => openComparison(workbench, request),
    async predictions({ evaluationIds, first, second }) {
      const { paths, nameOf } = judgedOn(workbench, evaluationIds, [first, second])
      const made = await supervisor.runTask('compare-predictions', { paths, pair: [first, second] })
      const { mismatch, sides, pairs, agreement, classes } = made
      return {
        ...made,
        mismatch: mismatch && { ...mismatch, counts: [...mismatch.counts] },
        ...{ sides: [...sides], pairs: [...pairs], agreement: [...agreement] },
        classes: classes.map(each => ({ ...each, right: [...each.right], name: nameOf(each.label) })),
      }
    },
    async images({ evaluationIds, first, second, ...choice }) {
      const { paths, dataset, split, nameOf, urlOf } = judgedOn(workbench, evaluationIds, [first, second])
      const input = { paths, dataset, split, ...choice, pair: [first, second] as const }
      const { total, items } = await supervisor.runTask('compare-images', input)
      const view = ({ sides, ...item }: (typeof items)[number]) => ({
        ...item,
        className: nameOf(item.label),
        thumbnailUrl: `${urlOf(item.index)}/thumbnail`,
        imageUrl: `${urlOf(item.index)}/image`,
        sides: sides.map(side => ({
          ...side,
          top: side.top.map(each => ({ ...each, name: nameOf(each.label) })),
        })),
      })
      return { total, items: items.map(view) }
    },
    async logits({ evaluationIds, index }) {
      const { paths, nameOf } = judgedOn(workbench, evaluationIds, [])
      const { classes } = await supervisor.runTask('compare-logits', { paths, index })
      return {
        classes: classes.map(({ label, logits }) => ({ label, name: nameOf(label), logits: [...logits] })),
      }
    },
    async retrieval({ evaluationIds, ...choice }) {
      const one = store.evaluations.get(evaluationIds[0])
      const other = store.evaluations.get(evaluationIds[1])
      refuseOthers([one, other])
      const paths = [reportPathOf(folders, one), reportPathOf(folders, other)] as const
      const made = await supervisor.runTask('compare-retrieval', { paths, ...choice })
      const { difficulties, map, wilcoxon, histogram } = made
      return {
        ...made,
        ...{ difficulties: [...difficulties], map: [...map], histogram: [...histogram] },
        wilcoxon: { p: wilcoxon.p, isExact: wilcoxon.isExact, count: wilcoxon.count },
        queries: made.queries.map(query => queryView(one, query)),
      }
    },
  }
}

type Query = TaskValue<'compare-retrieval'>['queries'][number]

function queryView({ datasetId, split, settings }: StoredEvaluation, query: Query): ComparedQuery {
  const { name, first, second } = query
  const gallery = split === 'query' ? 'gallery' : (settings.gallery ?? split)
  const thumbnail = (images: string, index: number | undefined): string | null =>
    index === undefined ? null : `${imageUrl(datasetId, images, index)}/thumbnail`
  const hits = ({ top }: Query['first']): ComparedQuery['top'][0] =>
    top.map(({ name: hit, index, score, isRelevant }) => ({
      ...{ name: hit, score, isRelevant },
      thumbnailUrl: thumbnail(gallery, index),
    }))
  return {
    name,
    index: first.index ?? null,
    thumbnailUrl: thumbnail(split, first.index),
    difficulty: first.difficulty,
    relevantCount: first.relevantCount,
    averagePrecision: [first.averagePrecision ?? 0, second.averagePrecision ?? 0],
    firstRank: [first.firstRank, second.firstRank],
    top: [hits(first), hits(second)],
  }
}
