/** Evaluates a checkpoint on a split, with everything it needs taken from the checkpoint itself. */
import { checkClasses } from '../checkpoints/loadCheckpoint.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import type { ClassificationFigures, EvaluationWatcher } from './classification.ts'
import { classifyViews, type Judged } from './classifyViews.ts'
import { datasetFacts } from './loaderOptions.ts'
import { openNetwork, type WeightsChoice } from './network.ts'
import { openViews } from './openViews.ts'
import type { StartBackend } from './startForRun.ts'
import type { View } from './view.ts'

export interface EvaluationOrder {
  readonly checkpointPath: string
  readonly dataset: DatasetRef
  /** Null: the images that the run validates on. */
  readonly split: SplitName | null
  /** As in the run's configuration when left out. */
  readonly batchSize?: number | undefined
  /** How images are shown; as in the run's validation when left out. */
  readonly view?: View | undefined
  readonly weights?: WeightsChoice | undefined
  /** Power of GeM pooling instead of the checkpoint's. */
  readonly power?: number | undefined
  /** Starts a compute backend by the name in the run's configuration, one that keeps tensors in these storages. */
  readonly startBackend: StartBackend
  /** Told of what the network said of every batch. */
  readonly tell?: ((judged: Judged) => void) | undefined
}

/**
 * @returns figures, with the split they are of; null when cancelled. The same checkpoint and images give the figures of the
 * validation during training, whatever the batch size: it is computed in the run's precision, or in float32 on a backend that has
 * nothing else.
 * @throws AppError checkpoint-damaged, checkpoint-mismatch when classes differ, invalid-request for a view that does not work, and
 * what opening the data set throws.
 */
export async function evaluate(
  order: EvaluationOrder,
  watcher: EvaluationWatcher,
): Promise<(ClassificationFigures & { readonly split: SplitName }) | null> {
  const { dataset, view = {}, batchSize, split: asked } = order
  const network = await openNetwork(order.checkpointPath, order)
  try {
    const facts = await datasetFacts(dataset)
    checkClasses(network.checkpoint, facts.classes)
    const { source, split } = await openViews({ network, dataset, facts, split: asked, view, batchSize })
    try {
      const figures = await classifyViews(network, source, watcher, order.tell)
      return figures === null ? null : { ...figures, split }
    } finally {
      await source.close()
    }
  } finally {
    network.dispose()
  }
}
