/** Evaluations from all sides, from their files of predictions, on a worker that keeps them. */
import type { Handlers, JudgedImage, StudiedClass, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { TaskValue } from '../processes/protocol.ts'
import type { StoredEvaluation } from '../store/index.ts'
import { imageUrl, predictionsPathOf } from './comparisonFiles.ts'
import { datasetRef } from './datasetViews.ts'
import type { Workbench } from './ports.ts'

type Studies = Pick<Handlers<WorkbenchContract>['evaluations'], 'study' | 'curves' | 'images'>

export function evaluationStudyHandlers(workbench: Workbench): Studies {
  const { store, supervisor, folders } = workbench
  /** @throws AppError not-found, conflict where there is nothing to study. */
  const opened = (id: string) => {
    const evaluation = store.evaluations.get(id)
    refuseUnfit(evaluation)
    const dataset = store.datasets.find(evaluation.datasetId)
    return {
      evaluation,
      dataset: datasetRef(folders, dataset),
      path: predictionsPathOf(folders, evaluation),
      nameOf: (label: number): string => dataset.classes[label] ?? String(label),
    }
  }
  return {
    async study({ id }) {
      const { path, nameOf } = opened(id)
      const made = await supervisor.runTask('study', { path })
      const classes = made.classes.map((each): StudiedClass => ({
        ...each,
        name: nameOf(each.label),
        precision: finite(each.precision),
        recall: finite(each.recall),
        f1: finite(each.f1),
        averagePrecision: finite(each.averagePrecision),
        loss: finite(each.loss),
      }))
      return {
        ...{ imageCount: made.imageCount, hasLogits: made.hasLogits, temperature: made.temperature },
        classes,
        macro: {
          precision: meanOf(classes, 'precision'),
          recall: meanOf(classes, 'recall'),
          f1: meanOf(classes, 'f1'),
          averagePrecision: meanOf(classes, 'averagePrecision'),
        },
        ...{ cells: [...made.cells], order: [...made.order], coverage: [...made.coverage] },
        ...{ byWidth: reliability(made.byWidth), byMass: reliability(made.byMass) },
      }
    },
    async curves({ id, labels }) {
      const { path, nameOf } = opened(id)
      const made = await supervisor.runTask('study-curves', { path, labels })
      return made.map(each => ({
        ...{ label: each.label, name: nameOf(each.label), points: [...each.points] },
        averagePrecision: finite(each.averagePrecision),
        reliability: reliability(each.reliability),
      }))
    },
    async images({ id, ...choice }) {
      const { path, dataset, nameOf, evaluation } = opened(id)
      const { split, datasetId } = evaluation
      const found = await supervisor.runTask('study-images', { ...choice, path, dataset, split })
      const view = (item: (typeof found)['items'][number]): JudgedImage => ({
        ...item,
        loss: finite(item.loss),
        truth: finite(item.truth) ?? 0,
        className: nameOf(item.label),
        thumbnailUrl: `${imageUrl(datasetId, split, item.index)}/thumbnail`,
        imageUrl: `${imageUrl(datasetId, split, item.index)}/image`,
        top: item.top.map(each => ({ ...each, name: nameOf(each.label) })),
      })
      return { ...found, items: found.items.map(view) }
    },
  }
}

function refuseUnfit({ id, status, settings }: StoredEvaluation): void {
  if (status !== 'finished')
    throw new AppError('conflict', `Evaluation ${id} is ${status}. Wait for it, or evaluate again`, {
      value: id,
    })
  if (settings.kind !== 'retrieval') return
  const message = `Evaluation ${id} is a retrieval: it has queries, not classes. Open its queries`
  throw new AppError('conflict', message, { value: id })
}

/** A class that nothing is taken for has no precision, and counts as 0, as scikit-learn has it. */
function meanOf(
  classes: readonly StudiedClass[],
  figure: 'precision' | 'recall' | 'f1' | 'averagePrecision',
): number | null {
  const judged = classes.filter(({ imageCount }) => imageCount > 0)
  if (judged.length === 0) return null
  return judged.reduce((sum, each) => sum + (each[figure] ?? 0), 0) / judged.length
}

function reliability({ bins, ece, mce }: TaskValue<'study'>['byWidth']) {
  return {
    bins: bins.map(bin => ({
      ...bin,
      confidence: finite(bin.confidence),
      accuracy: finite(bin.accuracy),
    })),
    ...{ ece: finite(ece), mce: finite(mce) },
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
