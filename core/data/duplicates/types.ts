/** What the search for images that are there twice takes and gives. */
import type { SplitName } from '../../datasets/shared/reader.ts'

export interface DuplicateOptions {
  /** Left out: all splits. */
  readonly splits?: readonly SplitName[]
  /** Only pairs of images of two different splits. */
  readonly betweenOnly: boolean
  /** Bits of 64 in which the hashes of two alike images may differ, 0 to 12. */
  readonly distance: number
}

export const defaultDuplicateOptions: DuplicateOptions = { betweenOnly: false, distance: 6 }

/** One image of a pair. */
export interface TwinImage {
  readonly split: SplitName
  readonly index: number
  readonly label: number
  readonly name: string
}

export interface TwinPair {
  readonly first: TwinImage
  readonly second: TwinImage
  /** The same bytes or pixels. */
  readonly isExact: boolean
  /** Bits of 64 that differ. */
  readonly distance: number
  /** Correlation of the small grey pictures, up to 1. */
  readonly similarity: number
}

export interface DuplicateReport {
  readonly imageCount: number
  /** Images that cannot be decoded. */
  readonly skippedCount: number
  /** Pairs by the splits of their images, such as train and val. */
  readonly counts: readonly {
    readonly splits: readonly [SplitName, SplitName]
    readonly exact: number
    readonly near: number
    /** Of them, those whose images have different labels. */
    readonly differentLabels: number
  }[]
  /** Between splits first, exact ones first; at most 2,000. */
  readonly pairs: readonly TwinPair[]
  readonly pairCount: number
}
