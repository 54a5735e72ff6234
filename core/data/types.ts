/** What the loader takes and gives. */
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import type { Choice } from '../registry/registry.ts'

/** `native` is the JPEG addon, with sharp for all that it leaves; `sharp` is sharp alone. */
export type DecoderName = 'native' | 'sharp'

/** A decoder as it is shown and compared. */
export interface DecoderInfo {
  readonly name: DecoderName
  /** Library and version: JPEG images have the same pixels where this is the same. */
  readonly library: string
  /** Why it is not the addon; null where it is. */
  readonly problem: string | null
}

/** By what a data set is known again. */
export interface DatasetIdentity {
  readonly classes: readonly string[]
  /** SHA-256 of its index: of what the scan found, in the order in which it is counted. */
  readonly indexHash: string
}

/** One of `count` parts, counted from 0. */
export interface Part {
  readonly index: number
  readonly count: number
}

/** One pass or an endless series of passes over a split, as a pure function of this. Plain JSON. */
export interface LoaderOptions {
  readonly dataset: DatasetRef
  /**
   * Samples to use. `held-out` parts of `train` are a stratified choice that depends on the seed alone, for data sets
   * without a `val` split.
   */
  readonly split: SplitName
  readonly heldOut?: { readonly fraction: number; readonly seed: number; readonly use: 'held-out' | 'rest' }
  readonly transforms: readonly Choice[]
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  readonly batchSize: number
  /**
   * The loader gives one part of each batch, and other loaders give the others: `batchSize` is then that of the part. Together they
   * give what one loader of `count` times the batch size does, in the same order.
   */
  readonly part?: Part
  /** 'sequential': index order. Otherwise a sampler, which draws each epoch's order as a function of (seed, epoch). */
  readonly order: 'sequential' | Choice
  readonly seed: number
  /** Drop the last, smaller batch of an epoch. */
  readonly dropLast: boolean
  /** Epochs to give; then `next` returns null. */
  readonly epochs: number
  /** Batch to begin with, counted from 0 over all epochs: resuming is setting this. */
  readonly startBatch: number
  /** Decode threads; 0 decodes in this thread. The batches do not depend on it. */
  readonly threads: number
  /** Batches decoded ahead. */
  readonly prefetch: number
  /**
   * What decodes JPEG images; left out: the addon where it is there. Their pixels differ a little, so that it belongs to
   * what a run depends on.
   */
  readonly decoder?: DecoderName
  /** What the data set was when the run began; a loader does not open on one that has changed since. */
  readonly expected?: DatasetIdentity
  /** Share of bad images above which the loader fails: 0 to 1. */
  readonly maxBadFraction: number
}

/** One batch, in memory that is valid until `release`. */
export interface Batch {
  /** Counted from 0 over all epochs. */
  readonly number: number
  readonly epoch: number
  /** uint8 [count, height, width, channels] */
  readonly images: Uint8Array
  /** [count] */
  readonly labels: Int32Array
  /** Index of each sample in its split, [count]. */
  readonly indices: Int32Array
  readonly count: number
  /** Samples that could not be decoded; each was replaced by the next sample of the order, or left out in sequential order. */
  readonly bad: readonly { readonly index: number; readonly name: string; readonly problem: string }[]
  release(): void
}

export interface Loader {
  readonly batchesPerEpoch: number
  /** Images that the batches of an epoch hold, of all parts together: more or fewer than there are where a sampler says so. */
  readonly imagesPerEpoch: number
  /** Different images that there are to draw from. */
  readonly sampleCount: number
  readonly classes: readonly string[]
  /** What decodes the images; null for data sets that hold pixels. */
  readonly decoder: DecoderInfo | null
  /** The next batch in order; null after the last. @throws AppError data-invalid once too many images are bad. */
  next(): Promise<Batch | null>
  close(): Promise<void>
}
