/** What is there of a gallery at several sizes, and how long embedding takes. */
import { stateOf } from '../galleries.ts'
import { readPace } from '../galleryPace.ts'
import type { Task } from '../protocol.ts'

export const galleryState: Task<'gallery-state'> = {
  name: 'gallery-state',
  run: async ({ places }) => {
    const states = await Promise.all(places.map(stateOf))
    const [first] = places
    return { states, pace: first ? await readPace(first) : null }
  },
}
