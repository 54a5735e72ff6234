/** Embeds a gallery. */
import { startBackend } from '../../backend/index.ts'
import { AppError } from '../../errors/index.ts'
import { openNetwork } from '../../evaluation/network.ts'
import { embedGallery, readFacts, touch } from '../../retrieval/gallery/index.ts'
import { keyOf, stateOf, viewOf } from '../galleries.ts'
import { writePace } from '../galleryPace.ts'
import { watchedBy } from '../networkOptions.ts'
import type { Task } from '../protocol.ts'

export const galleryEmbed: Task<'gallery-embed'> = {
  name: 'gallery-embed',
  run: async (place, watcher) => {
    watcher.progress('loading', 0, 0)
    const key = await keyOf(place)
    if (await readFacts(place.cacheFolder, key)) {
      await touch(place.cacheFolder, key)
      return stateOf(place)
    }
    const network = await openNetwork(place.checkpointPath, { startBackend })
    try {
      const { dataset, split, cacheFolder } = place
      const order = { network, dataset, split, view: viewOf(place), cacheFolder, key }
      const facts = await embedGallery(order, watchedBy(watcher))
      if (facts === null) throw new AppError('internal', 'The embedding ended without a result')
      await writePace(place, facts.msPerImage)
      return stateOf(place)
    } finally {
      network.dispose()
    }
  },
}
