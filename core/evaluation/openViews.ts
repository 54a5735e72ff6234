/** Opens the images of a split as a view shows them. */
import { openDataset, openLoader } from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import type { Box } from '../transforms/shared/resample.ts'
import type { Network } from './network.ts'
import { evaluationLoader, type DatasetFacts } from './loaderOptions.ts'
import { scaledTransforms, sizeOf, viewer, type View } from './view.ts'
import { loaderSource, pictureSource, type ViewSource } from './viewSource.ts'

export interface ViewsOrder {
  readonly network: Network
  readonly dataset: DatasetRef
  readonly facts: DatasetFacts
  /** Null: the images that the run validates on. */
  readonly split: SplitName | null
  readonly view: View
  /** As in the run's configuration when left out. */
  readonly batchSize?: number | undefined
  /** Which images, in this order; all when left out. */
  readonly indices?: Int32Array | undefined
  /** Part of an image that is looked at alone. */
  readonly boxOf?: ((index: number) => Box | null) | undefined
}

/** @throws AppError not-found for a split that is not there, invalid-request for a view that does not work. */
export async function openViews(
  order: ViewsOrder,
): Promise<{ readonly source: ViewSource; readonly split: SplitName }> {
  const { network, view } = order
  const config = withSize(network.config, view, order.batchSize)
  const options = evaluationLoader(config, order.dataset, order.facts, order.split)
  const needsPictures =
    view.resize === 'rect' ||
    (view.crops ?? 1) > 1 ||
    order.indices !== undefined ||
    order.boxOf !== undefined
  if (!needsPictures || options.heldOut) {
    if (needsPictures && options.heldOut) throw heldOutInPieces()
    return { source: loaderSource(await openLoader(options), options), split: options.split }
  }
  const shown = viewer(network.config, view)
  const dataset = await openDataset(order.dataset)
  const split = dataset.splits[options.split]
  if (!split) {
    await dataset.close()
    const known = Object.keys(dataset.splits)
    const message = `${order.dataset.path}: no split '${options.split}'. It has: ${known.join(', ')}`
    throw new AppError('not-found', message, { split: options.split, known })
  }
  const indices = order.indices ?? Int32Array.from({ length: split.count }, (_, index) => index)
  const { channels, batchSize, maxBadFraction } = options
  const source = pictureSource({
    ...{ split, classes: dataset.classes, indices, channels, viewer: shown, maxBadFraction },
    batchSize: Math.max(1, Math.floor(batchSize / (view.crops ?? 1))),
    boxOf: order.boxOf,
    close: () => dataset.close(),
  })
  return { source, split: options.split }
}

type Config = Network['config']

function withSize(config: Config, view: View, batchSize: number | undefined): Config {
  const size = sizeOf(config, view)
  const { training } = config
  return {
    ...config,
    input: { ...config.input, size },
    transforms: { ...config.transforms, eval: scaledTransforms(config, size) },
    training: batchSize === undefined ? training : { ...training, evaluationBatchSize: batchSize },
  }
}

function heldOutInPieces(): AppError {
  const message =
    'split: the images held out of train are evaluated whole and square only. Name a split, such as train, for other views'
  return new AppError('invalid-request', message, { field: 'split' })
}
