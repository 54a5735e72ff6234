/** Finds the images of a gallery that are most like some others. */
import type { Split } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import type { BatchWatcher } from '../evaluation/forEachBatch.ts'
import { openNetwork, type Network, type WeightsChoice } from '../evaluation/network.ts'
import type { StartBackend } from '../evaluation/startForRun.ts'
import { viewer, type View } from '../evaluation/view.ts'
import { pictureSource, type ViewSource } from '../evaluation/viewSource.ts'
import { embedSource } from './embed.ts'
import type { Embeddings } from './embeddings.ts'
import type { PhaseWatcher } from './evaluateRetrieval.ts'
import { cachedGallery, cacheKey } from './galleryCache.ts'
import { search } from './search.ts'

export interface ImageSearchOrder {
  readonly checkpointPath: string
  readonly queries: Split
  readonly gallery: Split
  /** What the gallery holds: changes whenever an image does. */
  readonly galleryIdentity: string
  /** Index in the gallery of a query's own image, or null. */
  selfOf(query: number): number | null
  /** Whether a query's own image is found as well. */
  readonly includesSelf: boolean
  readonly top: number
  readonly view: View
  readonly weights?: WeightsChoice | undefined
  readonly power?: number | undefined
  /** Where embeddings of galleries are kept. */
  readonly cacheFolder: string
  readonly startBackend: StartBackend
}

export interface FoundImages {
  readonly query: number
  /** Why the image cannot be used; null when it can. */
  readonly problem: string | null
  /** Whether the gallery holds the query itself. */
  readonly isInGallery: boolean
  /** Best first; cosines from -1 to 1. */
  readonly hits: readonly { readonly index: number; readonly score: number }[]
}

export interface ImageSearch {
  readonly results: readonly FoundImages[]
  /** Images of the gallery that were searched. */
  readonly galleryCount: number
  /** Whether the gallery's embeddings were there from an earlier search. */
  readonly isGalleryKnown: boolean
  /** Images of the gallery that cannot be used: name and problem, where they were read now. */
  readonly bad: readonly { readonly name: string; readonly problem: string }[]
}

/** Images of one size that are computed at once. */
const batchSize = 32

/** @returns null when cancelled. @throws AppError data-invalid when the gallery holds no image that can be used. */
export async function searchImages(
  order: ImageSearchOrder,
  watcher: PhaseWatcher,
): Promise<ImageSearch | null> {
  const network = await openNetwork(order.checkpointPath, order)
  const bad: { name: string; problem: string }[] = []
  try {
    const gallery = await cachedGallery(
      order.cacheFolder,
      await cacheKey({
        ...order,
        gallery: order.galleryIdentity,
        weights: order.weights,
        power: order.power,
      }),
      network,
      () => Promise.resolve(sourceOf(order.gallery, network, order.view)),
      { ...watched(watcher, 'embedding gallery'), bad: (name, problem) => void bad.push({ name, problem }) },
    )
    if (gallery === null) return null
    try {
      const { embeddings, isKnown } = gallery
      if (embeddings.count === 0) {
        const message = `Search: none of ${order.gallery.count} images of the gallery can be used`
        throw new AppError('data-invalid', message, { bad: bad.slice(0, 100) })
      }
      const results = await find(order, network, embeddings, watcher)
      return results && { results, galleryCount: embeddings.count, isGalleryKnown: isKnown, bad }
    } finally {
      await gallery.embeddings.close()
    }
  } finally {
    network.dispose()
  }
}

async function find(
  { queries, selfOf, includesSelf, top, view }: ImageSearchOrder,
  network: Network,
  gallery: Embeddings,
  watcher: PhaseWatcher,
): Promise<FoundImages[] | null> {
  const problems = new Map<string, string>()
  const made = await embedSource(
    network,
    sourceOf(queries, network, view),
    {
      ...watched(watcher, 'embedding queries'),
      bad: (name, problem) => void problems.set(name, problem),
    },
    {},
  )
  if (made === null) return null
  const { embeddings } = made
  const rowOfImage = new Map(Array.from(gallery.indices, (index, row) => [index, row]))
  const selves = Array.from(embeddings.indices, query => {
    const self = selfOf(query)
    return self === null ? null : (rowOfImage.get(self) ?? null)
  })
  const isIgnored = (query: number, row: number): boolean => !includesSelf && selves[query] === row
  const rows = await embeddings.rows(0, embeddings.count)
  const hits = await search(rows, gallery, top, isIgnored, watcher.isCancelled)
  if (hits === null) return null
  const rowOfQuery = new Map(Array.from(embeddings.indices, (index, row) => [index, row]))
  return Array.from({ length: queries.count }, (_, query) => {
    const row = rowOfQuery.get(query)
    if (row === undefined) {
      const problem = problems.get(queries.name(query)) ?? 'it cannot be used'
      return { query, problem, isInGallery: false, hits: [] }
    }
    return {
      ...{ query, problem: null, isInGallery: selves[row] !== null },
      hits: hits[row]!.map(hit => ({ index: gallery.indices[hit.row]!, score: hit.score })),
    }
  })
}

function sourceOf(split: Split, { config, checkpoint, classes }: Network, view: View): ViewSource {
  return pictureSource({
    ...{ split, classes, viewer: viewer(config, view), batchSize },
    indices: Int32Array.from({ length: split.count }, (_, index) => index),
    channels: checkpoint.state.inputShape[2] as 1 | 3,
    // All that can be used is searched, and what cannot is told.
    maxBadFraction: null,
    close: () => Promise.resolve(),
  })
}

function watched({ progress, isCancelled }: PhaseWatcher, phase: string): BatchWatcher {
  return { progress: (done, total) => progress(phase, done, total), isCancelled }
}
