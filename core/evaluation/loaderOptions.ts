/** Which images a run trains on and which it validates on. */
import {
  datasetIdentity,
  openDataset,
  readShared,
  type DatasetIdentity,
  type LoaderOptions,
  type Part,
} from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'

const heldOutSeed = 0
const whole: Part = { index: 0, count: 1 }

/** The part of a configuration that decides what images look like and which they are. */
export type DataConfig = Pick<RunConfig, 'data' | 'input' | 'transforms' | 'training' | 'sampler'>

/** What must be known of a data set before its loaders open. */
export interface DatasetFacts extends DatasetIdentity {
  readonly splits: readonly SplitName[]
}

/**
 * @param leastClasses a classifier needs two, a search none
 * @throws AppError data-unreadable or data-invalid; data-invalid also when fewer classes are there.
 */
export async function datasetFacts(ref: DatasetRef, leastClasses = 2): Promise<DatasetFacts> {
  const index = await readShared(ref.indexPath)
  const dataset = await openDataset(ref, { index, pixels: {} })
  try {
    const { classes } = dataset
    if (classes.length < leastClasses) {
      const message = `${ref.path}: expected at least ${leastClasses} classes, got ${classes.length}. A classifier needs something to tell apart`
      throw new AppError('data-invalid', message, { file: ref.path, classes })
    }
    return { ...datasetIdentity(index, classes), splits: Object.keys(dataset.splits) as SplitName[] }
  } finally {
    await dataset.close()
  }
}

/**
 * Training images: as the sampler draws them, augmented, in whole batches only.
 * @param part which of the equal parts of each batch, where ranks share it
 */
export function trainingLoader(
  config: DataConfig,
  dataset: DatasetRef,
  facts: DatasetFacts,
  startBatch: number,
  part: Part = whole,
): LoaderOptions {
  return {
    ...commonOptions(config, dataset, facts),
    split: 'train',
    ...(validationSplit(facts) === 'train' ? { heldOut: heldOut(config, 'rest') } : {}),
    transforms: config.transforms.train,
    batchSize: config.training.batchSize / part.count,
    part,
    order: config.sampler,
    dropLast: true,
    epochs: config.training.epochs,
    startBatch,
  }
}

/**
 * Images to evaluate, in order, each once.
 * @param split null: what the run validates on, which is `val`, else `test`, else what training held out of `train`.
 * @param part those of one rank, where ranks share them
 */
export function evaluationLoader(
  config: DataConfig,
  dataset: DatasetRef,
  facts: DatasetFacts,
  split: SplitName | null,
  part: Part = whole,
): LoaderOptions {
  const batchSize = config.training.evaluationBatchSize ?? config.training.batchSize
  const chosen = split ?? validationSplit(facts)
  return {
    ...commonOptions(config, dataset, facts),
    split: chosen,
    ...(split === null && chosen === 'train' ? { heldOut: heldOut(config, 'held-out') } : {}),
    transforms: config.transforms.eval,
    batchSize: Math.ceil(batchSize / part.count),
    part,
    order: 'sequential',
    dropLast: false,
    epochs: 1,
    startBatch: 0,
  }
}

function validationSplit({ splits }: DatasetFacts): SplitName {
  return (['val', 'test'] as const).find(split => splits.includes(split)) ?? 'train'
}

/** The same images whatever the run's seed, so that runs can be compared. */
function heldOut({ data }: DataConfig, use: 'held-out' | 'rest'): NonNullable<LoaderOptions['heldOut']> {
  return { fraction: data.validationFraction, seed: heldOutSeed, use }
}

function commonOptions(
  { data, input, training }: DataConfig,
  dataset: DatasetRef,
  { classes, indexHash }: DatasetFacts,
) {
  return {
    dataset,
    expected: { classes, indexHash },
    height: input.size,
    width: input.size,
    channels: input.channels,
    seed: training.seed,
    threads: data.decodeThreads,
    prefetch: data.prefetchBatches,
    maxBadFraction: data.maxBadFraction,
  }
}
