/** Learns the principal components of a gallery. */
import { startBackend } from '../../backend/index.ts'
import {
  galleryFolder,
  openKept,
  powerFolder,
  readPrincipal,
  writePrincipal,
} from '../../retrieval/gallery/index.ts'
import { factsOf } from '../galleries.ts'
import { watchedBy } from '../networkOptions.ts'
import type { Task } from '../protocol.ts'

export const galleryWhiten: Task<'gallery-whiten'> = {
  name: 'gallery-whiten',
  run: async ({ power, ...place }, watcher) => {
    const { key, facts } = await factsOf(place, power)
    const folder = powerFolder(galleryFolder(place.cacheFolder, key), power)
    if (await readPrincipal(folder, facts.width)) return {}
    await startBackend('auto', ['float32'], 'auto')
    const embeddings = await openKept(place.cacheFolder, key, power)
    try {
      await writePrincipal(folder, key, embeddings, watchedBy(watcher))
      return {}
    } finally {
      await embeddings.close()
    }
  },
}
