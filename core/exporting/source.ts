/** A checkpoint as something to export or to predict with. */
import { loadCheckpoint, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import type { StoredTensor } from '../checkpoints/safetensors.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig, type RunConfig } from '../experiment/index.ts'
import type { Graph } from '../graph/index.ts'
import { models } from '../models/index.ts'
import type { ResolvedChoice } from '../registry/registry.ts'
import { scaledTransforms } from './preprocessing.ts'

export type WeightsKind = 'ema' | 'raw'

export interface Source {
  readonly config: RunConfig
  /** The model as it is exported: without what only training needs. */
  readonly network: ResolvedChoice
  readonly graph: Graph
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly weights: WeightsKind
  readonly classes: readonly string[]
  /** What is done to images at this size, in order. */
  readonly transforms: readonly ResolvedChoice[]
  readonly origin: { readonly runId: string; readonly step: number; readonly epoch: number }
}

export interface SourceOptions {
  /** Height and width of the input; null: as in training. */
  readonly size: number | null
  /** Null: the moving average where the run keeps one. */
  readonly weights: WeightsKind | null
  /** Power of GeM pooling instead of the network's own, Infinity for the maximum; null: as it is. */
  readonly power: number | null
}

/**
 * @throws AppError checkpoint-damaged; invalid-config for a size that the network does not take; invalid-request for `ema` where the
 * run keeps none.
 */
export async function openSource(path: string, { size, weights, power }: SourceOptions): Promise<Source> {
  const checkpoint = await loadCheckpoint(path, { withOptimizer: false })
  const { state } = checkpoint
  const config = parseConfig(state.config)
  const [trainedHeight, trainedWidth, channels] = state.inputShape
  const shape = { height: size ?? trainedHeight, width: size ?? trainedWidth, channels }
  const network = exportedNetwork(config.model, power)
  const kind = weights ?? (checkpoint.average ? 'ema' : 'raw')
  return {
    config,
    network,
    graph: models.create(network, 'model')({ ...shape, classCount: state.classes.length }),
    tensors: tensorsOf(checkpoint, kind),
    weights: kind,
    classes: state.classes,
    transforms: scaledTransforms(config.transforms.eval, trainedHeight, shape.height),
    origin: { runId: state.runId, step: state.step, epoch: state.epoch },
  }
}

/** @throws AppError invalid-request for a power where nothing has one. */
function exportedNetwork(model: ResolvedChoice, power: number | null): ResolvedChoice {
  const { options } = model
  const plain = 'auxiliaryHead' in options ? { ...options, auxiliaryHead: false } : options
  if (power === null) return { ...model, options: plain }
  if (options['pooling'] !== 'gem' && options['pooling'] !== 'max') {
    const message = `p: ${model.name} has no GeM pooling whose power could be set. Train with pooling gem`
    throw new AppError('invalid-request', message, { field: 'p', value: power })
  }
  const head = power === Infinity ? { pooling: 'max' } : { pooling: 'gem', gemPower: power }
  return { ...model, options: { ...plain, ...head, learnGemPower: false } }
}

function tensorsOf({ path, model, average }: LoadedCheckpoint, kind: WeightsKind): Source['tensors'] {
  if (kind === 'raw') return model
  // Running statistics that the average leaves out are the network's own.
  if (average) return new Map([...model, ...average])
  const message = `weights: ${path} has no moving average of the weights (training.ema). Use raw`
  throw new AppError('invalid-request', message, { field: 'weights', value: kind })
}
