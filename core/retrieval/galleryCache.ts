/** Embeddings of galleries that were searched before, by what they were made from. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isExport } from '../checkpoints/loadExport.ts'
import type { BatchWatcher } from '../evaluation/forEachBatch.ts'
import type { Network, WeightsChoice } from '../evaluation/network.ts'
import type { View } from '../evaluation/view.ts'
import type { ViewSource } from '../evaluation/viewSource.ts'
import { embedSource } from './embed.ts'
import { fileWriter, openEmbeddings, type Embeddings } from './embeddings.ts'

export interface CacheKey {
  readonly checkpointPath: string
  /** What the gallery holds: changes whenever an image does. */
  readonly gallery: string
  readonly view: View
  readonly weights: WeightsChoice | undefined
  readonly power: number | undefined
}

/** @returns a hash of everything that the embeddings depend on. */
export async function cacheKey({ checkpointPath, gallery, view, weights, power }: CacheKey): Promise<string> {
  const manifest = await identityOf(checkpointPath)
  const { size = null, resize = 'square', crops = 1 } = view
  const parts = [1, manifest, gallery, size, resize, crops, weights ?? null, String(power ?? null)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The manifest holds the hashes of all files of a checkpoint; an export has none, and is told by when it was written. */
async function identityOf(path: string): Promise<string> {
  if (!isExport(path)) return readFile(join(path, 'manifest.json'), 'utf8')
  const { size, mtimeMs } = await stat(join(path, 'model.safetensors'))
  return JSON.stringify([await readFile(join(path, 'preprocessing.json'), 'utf8'), size, mtimeMs])
}

export interface CachedGallery {
  readonly embeddings: Embeddings
  /** Whether nothing had to be computed. */
  readonly isKnown: boolean
  /** Images left out in this run; null where the embeddings were known. */
  readonly skippedCount: number | null
}

/**
 * @param folder where embeddings of galleries lie, each in a folder of its own
 * @param openSource opens the images where they must be computed
 * @returns null when cancelled.
 */
export async function cachedGallery(
  folder: string,
  key: string,
  network: Network,
  openSource: () => Promise<ViewSource>,
  watcher: BatchWatcher,
): Promise<CachedGallery | null> {
  const place = join(folder, key.slice(0, 32))
  const known = await openEmbeddings(place, key)
  if (known) return { embeddings: known, isKnown: true, skippedCount: null }
  const writer = await fileWriter(place, key)
  const made = await embedSource(network, await openSource(), watcher, { writer })
  return made && { embeddings: made.embeddings, isKnown: false, skippedCount: made.skippedCount }
}
