/** Small pictures of samples, for a grid: as many as are visible at once. */
import { makeThumbnail } from '../../data/index.ts'
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, Thumbnail } from '../protocol.ts'

/** Pictures decoded at once; sharp has threads of its own. */
const concurrency = 4

export const thumbnail: Task<'thumbnail'> = {
  name: 'thumbnail',
  run: async ({ dataset: ref, split, indices, size }, watcher) => {
    const dataset = await keptOpen(ref)
    const made: Thumbnail[] = []
    for (let start = 0; start < indices.length; start += concurrency) {
      watcher.throwIfCancelled()
      const some = indices.slice(start, start + concurrency).map(async (index): Promise<Thumbnail> => {
        try {
          return { index, ...(await makeThumbnail(dataset, split, index, size)), problem: '' }
        } catch (thrown) {
          return { index, bytes: null, type: '', problem: AppError.from(thrown).message }
        }
      })
      made.push(...(await Promise.all(some)))
    }
    return made
  },
}
