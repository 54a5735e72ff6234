/** Evaluates a checkpoint on a split, with everything it needs taken from the checkpoint itself. */
import { openLoader } from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import {
  parseConfig,
  resolvePrecision,
  storagesOf,
  type RunConfig,
  type Storage,
} from '../experiment/index.ts'
import { AppError } from '../errors/index.ts'
import { createExecutor, type Executor, type GraphPrecision } from '../graph/index.ts'
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
  /** Starts a compute backend by the name in the run's configuration, one that keeps tensors in these storages. */
  startBackend(name: string, storages: readonly Storage[], device: string): Promise<unknown>
}

/**
 * @returns figures, with the split they are of; null when cancelled. The same checkpoint and images give the figures of the
 * validation during training, whatever the batch size: it is computed in the run's precision, or in float32 on a backend that has
 * nothing else.
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
  const precision = await startWithPrecision(order, config)
  const options = evaluationLoader(config, order.dataset, facts, order.split)
  const loader = await openLoader(options)
  try {
    const executor = restoredExecutor(config, precision, checkpoint)
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

/** The run's precision, where the backend can compute in it: a checkpoint can be looked at on any machine. */
async function startWithPrecision(
  { startBackend }: EvaluationOrder,
  config: RunConfig,
): Promise<GraphPrecision> {
  const precision = resolvePrecision(config.precision)
  try {
    await startOnAnyDevice(startBackend, config, storagesOf(precision))
    return precision
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.code === 'invalid-config')) throw thrown
    await startOnAnyDevice(startBackend, config, ['float32'])
    return { compute: 'float32', storage: 'float32', weights: 'float32' }
  }
}

/** On the run's device, or on another where that one is not here. */
async function startOnAnyDevice(
  startBackend: EvaluationOrder['startBackend'],
  { backend, device }: RunConfig,
  storages: readonly Storage[],
): Promise<void> {
  try {
    await startBackend(backend, storages, device)
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.details['field'] === 'device')) throw thrown
    await startBackend(backend, storages, 'auto')
  }
}

/** The network of a checkpoint, with its weights. The caller disposes of it. */
function restoredExecutor(
  config: RunConfig,
  precision: GraphPrecision,
  checkpoint: LoadedCheckpoint,
): Executor {
  const [height, width, channels] = checkpoint.state.inputShape
  const model = models.create(config.model, 'model')
  const graph = model({ height, width, channels, classCount: checkpoint.state.classes.length })
  const executor = createExecutor(graph, { seed: config.training.seed, precision })
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
