/** Finds the images of a gallery that are most like some others. */
import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startBackend } from '../../backend/index.ts'
import { readShared } from '../../data/index.ts'
import type { Split } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import { filesAsSplit } from '../../exporting/index.ts'
import { searchImages } from '../../retrieval/searchImages.ts'
import { networkOptions, watchedBy } from '../networkOptions.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, TaskInput } from '../protocol.ts'

export const search: Task<'search'> = {
  name: 'search',
  run: async (input, watcher) => {
    watcher.progress('loading', 0, 0)
    const gallery = await openGallery(input.gallery)
    const queries = filesAsSplit(input.paths)
    const places = new Map<string, number>()
    for (let index = 0; index < gallery.split.count; index++) {
      const path = gallery.pathOf(index)
      if (path !== null) places.set(path, index)
    }
    const found = await searchImages(
      {
        ...{ ...input, queries, gallery: gallery.split, galleryIdentity: gallery.identity, startBackend },
        ...networkOptions(input.settings),
        selfOf: query => places.get(realPath(input.paths[query]!) ?? '') ?? null,
      },
      watchedBy(watcher),
    )
    if (found === null) throw new AppError('internal', 'The search ended without a result')
    return {
      ...found,
      results: found.results.map(({ query, hits, ...rest }) => ({
        image: input.paths[query]!,
        ...rest,
        hits: hits.map(({ index, score }) => ({ name: gallery.split.name(index), score })),
      })),
    }
  },
}

interface Gallery {
  readonly split: Split
  /** Changes whenever an image does. */
  readonly identity: string
  /** The file of an image, without links; null where it has none of its own. */
  pathOf(index: number): string | null
}

async function openGallery(gallery: TaskInput<'search'>['gallery']): Promise<Gallery> {
  if ('paths' in gallery) {
    const split = filesAsSplit(gallery.paths)
    const files = gallery.paths.map(path => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return [path, stats?.size ?? 0, stats?.mtimeMs ?? 0]
    })
    const identity = createHash('sha256').update(JSON.stringify(files)).digest('hex')
    return { split, identity, pathOf: index => realPath(gallery.paths[index]!) }
  }
  const { dataset, split: name } = gallery
  const opened = await keptOpen(dataset)
  const split = opened.splits[name]
  if (!split) {
    const known = Object.keys(opened.splits)
    const message = `${dataset.path}: no split '${name}'. It has: ${known.join(', ')}`
    throw new AppError('not-found', message, { split: name, known })
  }
  const index = new Uint8Array(await readShared(dataset.indexPath))
  const identity = createHash('sha256').update(index).update(name).digest('hex')
  return { split, identity, pathOf: at => realPath(join(dataset.path, split.name(at))) }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
