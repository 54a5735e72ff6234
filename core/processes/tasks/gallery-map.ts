/** Lays a gallery out on a plane. */
import { access, rename, writeFile } from 'node:fs/promises'
import { startBackend } from '../../backend/index.ts'
import { AppError } from '../../errors/index.ts'
import { openKept, principalPlane, umapPlane } from '../../retrieval/gallery/index.ts'
import { factsOf } from '../galleries.ts'
import { planeFile } from '../galleryPlane.ts'
import { watchedBy } from '../networkOptions.ts'
import type { Task } from '../protocol.ts'

export const galleryMap: Task<'gallery-map'> = {
  name: 'gallery-map',
  run: async ({ power, method, ...place }, watcher) => {
    const { key } = await factsOf(place, power)
    const file = planeFile(place.cacheFolder, key, power, method)
    const isKnown = await access(file).then(
      () => true,
      () => false,
    )
    if (isKnown) return {}
    watcher.progress('loading', 0, 0)
    if (method === 'umap') await startBackend('auto', ['float32'], 'auto')
    const embeddings = await openKept(place.cacheFolder, key, power)
    try {
      const make = method === 'pca' ? principalPlane : umapPlane
      const plane = await make(embeddings, watchedBy(watcher))
      if (plane === null) throw new AppError('internal', 'The map ended without a result')
      await writeFile(`${file}.new`, new Uint8Array(plane.buffer))
      await rename(`${file}.new`, file)
      return {}
    } finally {
      await embeddings.close()
    }
  },
}
