/** Input and value of the tasks on galleries (see protocol.ts), and what they share. */
import type { DatasetRef, SplitName } from '../datasets/shared/reader.ts'
import type { Judgement, Mark, Power, WhiteningChoice } from '../retrieval/gallery/index.ts'
import type { ImagePlace } from './protocol.ts'

export interface GalleryTasks {
  /** What is there of a gallery, at several sizes. */
  readonly 'gallery-state': {
    readonly input: { readonly places: readonly GalleryPlace[] }
    readonly value: {
      readonly states: readonly GalleryState[]
      /** How long an image took when this checkpoint, or else any, embedded last, and at which size; null while unknown. */
      readonly pace: { readonly msPerImage: number; readonly size: number | null } | null
    }
  }
  /** Embeds a gallery; at once where it is there already. */
  readonly 'gallery-embed': { readonly input: GalleryPlace; readonly value: GalleryState }
  /** Learns the principal components of a gallery; at once where they are there already. */
  readonly 'gallery-whiten': {
    readonly input: GalleryPlace & { readonly power: Power }
    readonly value: Readonly<Record<string, never>>
  }
  /** One page of a gallery, ranked for a query. The gallery stays in memory. */
  readonly 'gallery-query': {
    readonly input: GalleryQuery & {
      readonly difficulty: 'easy' | 'medium' | 'hard'
      readonly offset: number
      readonly limit: number
    }
    readonly value: {
      readonly total: number
      readonly galleryCount: number
      readonly hits: readonly {
        readonly index: number
        readonly label: number
        readonly name: string
        readonly score: number
        readonly mark: Mark
        readonly rank: number | null
      }[]
      readonly averagePrecision: number | null
      readonly relevantCount: number | null
      readonly rightRanks: readonly number[]
      readonly query: { readonly name: string; readonly label: number | null }
      /** The part that was searched with, as fractions; null for all of the image. */
      readonly region: Region | null
      readonly difficulties: readonly ('easy' | 'medium' | 'hard')[]
      /** Of the search itself, without making the query's embedding. */
      readonly searchMs: number
      /** Memory that the gallery takes. */
      readonly bytes: number
    }
  }
  /** Which regions of a query and a hit make their score. */
  readonly 'gallery-match': {
    readonly input: GalleryQuery & {
      /** Image of the gallery's split. */
      readonly hit: number
      /** Place of the query whose partners are asked for; null: none. */
      readonly place: number | null
    }
    readonly value: {
      readonly score: number
      readonly query: MatchSideView
      readonly hit: MatchSideView
      /** Shares of the hit's places in the score of the asked place. */
      readonly partners: readonly number[] | null
      readonly power: number
    }
  }
  /** Every query of a gallery; at once where it was judged so before. */
  readonly 'gallery-judge': {
    readonly input: GalleryPlace & {
      readonly power: Power
      readonly whitening: WhiteningChoice | null
      /** Queries at most, spread evenly. */
      readonly most: number
    }
    readonly value: Judgement
  }
  /** Lays a gallery out on a plane; at once where it is laid out already. */
  readonly 'gallery-map': {
    readonly input: GalleryPlace & { readonly power: Power; readonly method: 'pca' | 'umap' }
    readonly value: Readonly<Record<string, never>>
  }
  /** What `gallery-map` has made, as base64 of little-endian numbers. */
  readonly 'gallery-points': {
    readonly input: GalleryPlace & { readonly power: Power; readonly method: 'pca' | 'umap' }
    readonly value: {
      readonly count: number
      /** float32 [count, 2] */
      readonly positions: string
      /** int32 [count] */
      readonly indices: string
      readonly labels: string
      /** Null where the network has no classifier of its own. */
      readonly predicted: string | null
    }
  }
}

/** A part of an image, as fractions of its sides. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A split as a checkpoint sees it. */
export interface GalleryPlace {
  readonly checkpointPath: string
  readonly dataset: DatasetRef
  /** Changes with every scan. */
  readonly indexVersion: string
  readonly split: SplitName
  /** Null: as in training. */
  readonly size: number | null
  readonly resize: 'square' | 'rect'
  /** Embeddings are kept below it, and may be deleted at any time. */
  readonly cacheFolder: string
}

export interface GalleryQuery extends GalleryPlace {
  readonly power: Power
  readonly whitening: WhiteningChoice | null
  readonly image: ImagePlace
  readonly region: Region | null
}

export interface GalleryState {
  readonly isReady: boolean
  readonly count: number
  readonly width: number
  readonly skippedCount: number
  /** The network's own power; null where its embedding is no pooled map. */
  readonly ownPower: number | null
  readonly powers: readonly number[]
  /** Powers whose principal components are learned. */
  readonly whitened: readonly Power[]
}

export interface MatchSideView {
  readonly height: number
  readonly width: number
  /** Shares of the places in the score, row-major. */
  readonly shares: readonly number[]
  /** Part of the score that belongs to no place. */
  readonly rest: number
  /** The part of the image over which the map lies, as fractions. */
  readonly region: Region
}
