/**
 * Searching a split for images that show the same as another, by the embeddings of a checkpoint. A gallery is embedded once, as a job,
 * and kept; queries are then answered at once, with another power of pooling or another whitening as well.
 */
import { z } from 'zod'
import { call } from './define.ts'
import { StartedJob } from './jobs.ts'
import { Id, ImageRef, SplitName } from './values.ts'

/** Power of GeM pooling; `own` is the network's, `max` the maximum. */
export const SearchPower = z.union([z.enum(['own', 'max']), z.number().positive().max(1000)])
export type SearchPower = z.output<typeof SearchPower>

/** The images that are searched, as a checkpoint sees them. */
export const Gallery = z.strictObject({
  checkpointId: Id,
  datasetId: Id,
  split: SplitName,
  /** Side of the square, or the largest side, in pixels; null: as in training. */
  size: z.int().min(8).max(2048).nullable().default(null),
  resize: z.enum(['square', 'rect']).default('square'),
})
export type Gallery = z.output<typeof Gallery>

/** Principal components that are kept, and the power of the standard deviation by which each is divided, 0 to 1. */
export const SearchWhitening = z.strictObject({
  components: z.int().min(1).max(65_536),
  power: z.number().min(0).max(1),
})
export type SearchWhitening = z.output<typeof SearchWhitening>

const Choice = z.strictObject({
  gallery: Gallery,
  power: SearchPower.default('own'),
  whitening: SearchWhitening.nullable().default(null),
})

/** A part of an image, as fractions of its sides. */
export const ImageRegion = z
  .strictObject({
    x: z.number().min(0).max(1),
    y: z.number().min(0).max(1),
    width: z.number().min(0).max(1),
    height: z.number().min(0).max(1),
  })
  .refine(({ x, y, width, height }) => x + width <= 1.000001 && y + height <= 1.000001, {
    message: 'expected a part of the image',
  })
export type ImageRegion = z.output<typeof ImageRegion>

const Query = Choice.extend({ image: ImageRef, region: ImageRegion.nullable().default(null) })

const Difficulty = z.enum(['easy', 'medium', 'hard'])
const Share = z.number().nullable()

export const GalleryState = z.strictObject({
  isReady: z.boolean(),
  /** Images that there are. */
  total: z.number(),
  /** Images that were embedded, and values of each embedding; 0 until then. */
  count: z.number(),
  width: z.number(),
  skippedCount: z.number(),
  /** The network's own power, `max` for the maximum; null where its embedding is no pooled map. */
  ownPower: z.union([z.number(), z.literal('max')]).nullable(),
  /** Powers that can be searched with at once, beside the network's own. */
  powers: z.array(SearchPower),
  /** Powers whose whitening is learned. */
  whitened: z.array(SearchPower),
  /** Sizes in pixels that can be chosen, and which of them are embedded; the run's own among them. */
  sizes: z.array(
    z.strictObject({ size: z.number(), isOwn: z.boolean(), isReady: z.boolean(), estimateMs: Share }),
  ),
  /** How long embedding would take by what it took before; null while unknown. */
  estimateMs: Share,
})
export type GalleryState = z.output<typeof GalleryState>

export const SearchHit = z.strictObject({
  index: z.number(),
  label: z.number(),
  className: z.string(),
  name: z.string(),
  thumbnailUrl: z.string(),
  imageUrl: z.string(),
  /** Cosine, -1 to 1. */
  score: z.number(),
  /** Junk counts as neither right nor wrong; unknown where nothing is known of the query. */
  mark: z.enum(['right', 'wrong', 'junk', 'unknown']),
  /** From 1; null for junk. */
  rank: z.number().nullable(),
})
export type SearchHit = z.output<typeof SearchHit>

export const SearchResult = z.strictObject({
  /** Images in the list. */
  total: z.number(),
  galleryCount: z.number(),
  hits: z.array(SearchHit),
  /** By trapezoids, 0 to 1; null where nothing is known of the query, or there is nothing to find. */
  averagePrecision: Share,
  relevantCount: z.number().nullable(),
  /** Ranks of the right images, from 1, ascending, 10,000 at most. */
  rightRanks: z.array(z.number()),
  query: z.strictObject({
    name: z.string(),
    label: z.number().nullable(),
    className: z.string(),
    thumbnailUrl: z.string(),
    imageUrl: z.string(),
  }),
  /** What was searched with; null for all of the image. */
  region: ImageRegion.nullable(),
  /** Those that the data set tells apart; none where classes are the truth. */
  difficulties: z.array(Difficulty),
  /** Of the search itself, in milliseconds. */
  searchMs: z.number(),
  /** Memory that the gallery takes. */
  bytes: z.number(),
})
export type SearchResult = z.output<typeof SearchResult>

const MatchSide = z.strictObject({
  height: z.number(),
  width: z.number(),
  /** Of each place in the score, row-major; negative ones speak against it. */
  shares: z.array(z.number()),
  /** Part of the score that belongs to no place. */
  rest: z.number(),
  /** The part of the image over which the map lies. */
  region: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
})

export const MatchMap = z.strictObject({
  score: z.number(),
  query: MatchSide,
  hit: MatchSide,
  partners: z.array(z.number()).nullable(),
})
export type MatchMap = z.output<typeof MatchMap>

const Figures = z.object({
  map: Share,
  mapAtR: Share,
  rPrecision: Share,
  precisionAt1: Share,
  reciprocalRank: Share,
  recallAt: z.record(z.string(), Share),
  precisionAt: z.record(z.string(), Share),
  queryCount: z.number(),
  emptyCount: z.number(),
})

/** What the job of `judge` gives. */
export const GalleryJudgement = z.object({
  figures: z.partialRecord(Difficulty, Figures),
  /** Means over the queries, by k. */
  curves: z.partialRecord(
    Difficulty,
    z.object({
      k: z.array(z.number()),
      precision: z.array(Share),
      recall: z.array(Share),
      hit: z.array(Share),
    }),
  ),
  queries: z.array(
    z.object({
      index: z.number(),
      label: z.number(),
      difficulty: Difficulty,
      averagePrecision: Share,
      firstRank: z.number().nullable(),
      relevantCount: z.number(),
    }),
  ),
  /** Queries that there are; those judged are spread evenly over them. */
  queryCount: z.number(),
})
export type GalleryJudgement = z.output<typeof GalleryJudgement>

const Plane = z.strictObject({
  gallery: Gallery,
  power: SearchPower.default('own'),
  method: z.enum(['pca', 'umap']),
})

export const retrieval = {
  state: call(Gallery, GalleryState),
  /** Embeds a gallery, as a job; at once where it is there already. */
  open: call(Gallery, StartedJob),
  /** Learns the whitening of an embedded gallery, as a job. */
  whiten: call(z.strictObject({ gallery: Gallery, power: SearchPower.default('own') }), StartedJob),
  /** One page of an embedded gallery, best first. */
  query: call(
    Query.extend({
      difficulty: Difficulty.default('medium'),
      offset: z.int().min(0).max(1_000_000).default(0),
      limit: z.int().min(1).max(500).default(50),
    }),
    SearchResult,
  ),
  /** Which regions of the query and of an image of the gallery make their score. `place`: one of the query whose partners are shown. */
  match: call(
    Query.extend({ hit: z.int().min(0), place: z.int().min(0).nullable().default(null) }),
    MatchMap,
  ),
  /** Judges every query, or some spread evenly, as a job that gives a GalleryJudgement. */
  judge: call(Choice.extend({ most: z.int().min(1).max(20_000).default(2000) }), StartedJob),
  /** Lays the gallery out on a plane, as a job. */
  map: call(Plane, StartedJob),
  /** The points of a map that is made: base64 of little-endian float32 [count, 2], and int32 [count]. */
  points: call(
    Plane,
    z.strictObject({
      count: z.number(),
      positions: z.string(),
      indices: z.string(),
      labels: z.string(),
      /** Class that the network takes each image for; null where it has no classifier of its own. */
      predicted: z.string().nullable(),
    }),
  ),
} as const
