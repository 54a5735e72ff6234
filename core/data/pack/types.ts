/** What packing a data set into TFRecord files takes and gives. */
import type { Problem, SplitName } from '../../datasets/shared/reader.ts'

export interface PackOptions {
  /** Left out: all splits that the data set has. */
  readonly splits?: readonly SplitName[]
  /** Files of the largest split; the others get their share. Left out: files of about 128 MB. */
  readonly shards?: number
  /** Makes pictures smaller: length of their shorter side in pixels. Left out: JPEG and PNG files stay as they are. */
  readonly shorterSide?: number
  /** Of JPEG files that are made smaller, 1 to 100. */
  readonly quality: number
  /** Of the order in which images are written. */
  readonly seed: number
  /** Label of the first class: 1 keeps 0 for a background without images, as slim's ImageNet does. */
  readonly labelOffset: 0 | 1
}

export const defaultPackOptions: PackOptions = { quality: 95, seed: 0, labelOffset: 0 }

/** A file of the packed set. */
export interface PlannedShard {
  readonly split: SplitName
  readonly file: string
  /** Places in the split's order. */
  readonly from: number
  readonly to: number
}

/** A file that is complete. */
export interface WrittenShard {
  readonly file: string
  readonly sizeBytes: number
  readonly records: number
  /** CRC-32 of the whole file. */
  readonly crc32: number
  /** Images that could not be written. */
  readonly leftOut: readonly Problem[]
}

export interface PackReport {
  readonly out: string
  readonly splits: readonly {
    readonly name: SplitName
    readonly files: number
    readonly records: number
    readonly sizeBytes: number
  }[]
  /** Files that an earlier, interrupted packing had made. */
  readonly keptFiles: number
  readonly leftOutCount: number
  /** Some of those left out. */
  readonly leftOut: readonly Problem[]
}
