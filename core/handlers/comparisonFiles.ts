/** Files of the evaluations that are compared, and the images that they speak of. */
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'
import type { StoredEvaluation } from '../store/index.ts'
import { datasetRef } from './datasetViews.ts'
import type { DataFolders, Workbench } from './ports.ts'

export function reportPathOf({ runs }: DataFolders, { runId, id }: StoredEvaluation): string {
  return join(runs, runId, 'evaluations', `${id}.json`)
}

export function predictionsPathOf({ runs }: DataFolders, { runId, id }: StoredEvaluation): string {
  return join(runs, runId, 'evaluations', `${id}.predictions.safetensors`)
}

/** Address of an image's pictures, without `/thumbnail` or `/image`. */
export function imageUrl(datasetId: string, split: string, index: number): string {
  return `/blobs/datasets/${datasetId}/${split}/${index}`
}

/**
 * Evaluations on one split of one data set.
 * @throws AppError not-found; invalid-request for a place beyond them; conflict where they judged other images, or have not finished.
 */
export function judgedOn({ store, folders }: Workbench, ids: readonly string[], places: readonly number[]) {
  const evaluations = ids.map(id => store.evaluations.get(id))
  for (const place of places)
    if (place >= ids.length) {
      const message = `There is no side ${place}: ${ids.length} are compared`
      throw new AppError('invalid-request', message, { value: place })
    }
  refuseOthers(evaluations)
  const { datasetId, split } = evaluations[0]!
  const dataset = store.datasets.find(datasetId)
  return {
    paths: evaluations.map(each => predictionsPathOf(folders, each)),
    dataset: datasetRef(folders, dataset),
    split,
    nameOf: (label: number): string => dataset.classes[label] ?? String(label),
    urlOf: (index: number): string => imageUrl(datasetId, split, index),
  }
}

/** @throws AppError conflict */
export function refuseOthers(evaluations: readonly StoredEvaluation[]): void {
  const [first] = evaluations
  const unfinished = evaluations.find(({ status }) => status !== 'finished')
  if (unfinished) {
    const message = `Evaluation ${unfinished.id} is ${unfinished.status}. Wait for it, or evaluate again`
    throw new AppError('conflict', message, { value: unfinished.id })
  }
  const other = evaluations.find(
    ({ datasetId, split }) => datasetId !== first!.datasetId || split !== first!.split,
  )
  if (!other) return
  const place = ({ datasetId, split }: StoredEvaluation): string => `${split} of ${datasetId}`
  const message = `${first!.id} judged ${place(first!)}, ${other.id} ${place(other)}. Evaluate both on the same images`
  throw new AppError('conflict', message, { value: other.id })
}
