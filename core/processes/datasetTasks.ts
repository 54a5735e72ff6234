/** Tasks on the images of a data set that someone looks at. */
import type { BrokenImage, ImageFilter, SizeStatistics } from '../data/index.ts'
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import type { RetrievalTruth } from '../datasets/shared/retrievalTruth.ts'
import type { LookedAt } from './selections.ts'

/** An image of a retrieval data set, within its split. */
export interface TruthImage {
  readonly index: number
  readonly label: number
  readonly className: string
  readonly name: string
}

export interface DatasetTasks {
  /** One page of the images of a split that a filter chooses. */
  readonly browse: {
    readonly input: LookedAt & {
      readonly filter: ImageFilter
      readonly offset: number
      readonly limit: number
    }
    readonly value: {
      readonly total: number
      readonly items: readonly {
        readonly index: number
        readonly label: number
        /** Before the user changed it. */
        readonly scannedLabel: number
        readonly name: string
        /** Pixels; 0 while unknown. */
        readonly width: number
        readonly height: number
        readonly fileBytes: number
        readonly tags: readonly string[]
        /** Why it cannot be used; null where nothing is known against it. */
        readonly problem: string | null
      }[]
    }
  }
  readonly 'matching-images': {
    readonly input: LookedAt & { readonly filter: ImageFilter; readonly limit: number }
    readonly value: { readonly total: number; readonly indices: readonly number[] }
  }
  /** Names of images, and their classes as the scan found them. */
  readonly 'name-images': {
    readonly input: {
      readonly dataset: DatasetRef
      readonly split: SplitName
      readonly indices: readonly number[]
    }
    readonly value: readonly { readonly index: number; readonly name: string; readonly className: string }[]
  }
  readonly 'measure-images': {
    readonly input: {
      readonly dataset: DatasetRef
      readonly factsPath: string
      readonly indexVersion: string
      readonly decodes: boolean
    }
    readonly value: { readonly brokenCount: number }
  }
  /** Null where nothing was measured since the last scan. */
  readonly 'image-statistics': {
    readonly input: { readonly factsPath: string; readonly indexVersion: string }
    readonly value: {
      readonly isDecoded: boolean
      readonly broken: readonly BrokenImage[]
      readonly splits: readonly (SizeStatistics & { readonly name: SplitName })[]
    } | null
  }
  /** A page of the queries, and the answers to one of them where `query` is not null. */
  readonly 'retrieval-truth': {
    readonly input: {
      readonly dataset: DatasetRef
      readonly text: string
      readonly offset: number
      readonly limit: number
      readonly query: number | null
    }
    readonly value: {
      readonly protocol: RetrievalTruth['protocol']
      readonly total: number
      readonly queries: readonly (TruthImage & {
        readonly easyCount: number
        readonly hardCount: number
        readonly junkCount: number
      })[]
      readonly answers: {
        readonly query: TruthImage
        /** Left, top, right, bottom in pixels. */
        readonly box: readonly number[] | null
        readonly self: TruthImage | null
        readonly easy: readonly TruthImage[]
        readonly hard: readonly TruthImage[]
        readonly junk: readonly TruthImage[]
        /** All of them; the lists may be shorter. */
        readonly counts: { readonly easy: number; readonly hard: number; readonly junk: number }
      } | null
    }
  }
  readonly 'look-into-folder': {
    readonly input: { readonly path: string }
    readonly value: {
      readonly folders: readonly string[]
      readonly isCut: boolean
      readonly fileCount: number
      readonly recognised: { readonly reader: string; readonly reason: string } | null
    }
  }
}
