/** Measures every image of a data set, or decodes each to its end, and keeps what was found. */
import { measureImages as measure, writeFacts } from '../../data/index.ts'
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const measureImages: Task<'measure-images'> = {
  name: 'measure-images',
  async run({ dataset, factsPath, ...options }, watcher) {
    const facts = await measure(await keptOpen(dataset), options, watcher)
    watcher.throwIfCancelled()
    try {
      await writeFacts(factsPath, facts)
    } catch (thrown) {
      throw AppError.from(thrown, `Writing the sizes of the images to ${factsPath}`)
    }
    return { brokenCount: facts.broken.length }
  },
}
