/** Evaluates a checkpoint on a split, with everything it needs taken from the checkpoint itself. */
import { openLoader } from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import { parseConfig, type RunConfig } from '../experiment/index.ts'
import { createExecutor, type Executor } from '../graph/index.ts'
import { models } from '../models/index.ts'
import {
  checkClasses,
  loadCheckpoint,
  restoreModel,
  type LoadedCheckpoint,
} from '../checkpoints/loadCheckpoint.ts'
import { datasetFacts, evaluationLoader } from './loaderOptions.ts'
import { classify, type ClassificationFigures, type EvaluationWatcher } from './classification.ts'

export interface EvaluationOrder {
  readonly checkpointPath: string
  readonly dataset: DatasetRef
  /** Null: the images that the run validates on. */
  readonly split: SplitName | null
  /** As in the run's configuration when left out. */
  readonly batchSize?: number | undefined
  /** Starts a compute backend by the name in the run's configuration. */
  startBackend(name: string): Promise<unknown>
}

/**
 * @returns figures, with the split they are of; null when cancelled. The same checkpoint and images give the figures of the
 * validation during training, whatever the batch size.
 * @throws AppError checkpoint-damaged, checkpoint-mismatch when classes differ, and what opening the data set throws.
 */
export async function evaluate(
  order: EvaluationOrder,
  watcher: EvaluationWatcher,
): Promise<(ClassificationFigures & { readonly split: SplitName }) | null> {
  const checkpoint = await loadCheckpoint(order.checkpointPath, { withOptimizer: false })
  const config = withBatchSize(parseConfig(checkpoint.state.config), order.batchSize)
  const facts = await datasetFacts(order.dataset)
  checkClasses(checkpoint, facts.classes)
  await order.startBackend(config.backend)
  const options = evaluationLoader(config, order.dataset, facts, order.split)
  const loader = await openLoader(options)
  try {
    const executor = restoredExecutor(config, checkpoint)
    try {
      const figures = await classify(executor, loader, config.input, watcher)
      return figures === null ? null : { ...figures, split: options.split }
    } finally {
      executor.dispose()
    }
  } finally {
    await loader.close()
  }
}

/** The network of a checkpoint, with its weights. The caller disposes of it. */
function restoredExecutor(config: RunConfig, checkpoint: LoadedCheckpoint): Executor {
  const [height, width, channels] = checkpoint.state.inputShape
  const model = models.create(config.model, 'model')
  const graph = model({ height, width, channels, classCount: checkpoint.state.classes.length })
  const executor = createExecutor(graph, { seed: config.training.seed })
  try {
    restoreModel(executor, checkpoint)
    return executor
  } catch (thrown) {
    executor.dispose()
    throw thrown
  }
}

function withBatchSize(config: RunConfig, batchSize: number | undefined): RunConfig {
  if (batchSize === undefined) return config
  return { ...config, training: { ...config.training, evaluationBatchSize: batchSize } }
}
