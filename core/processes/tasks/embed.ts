/** Embeds a split of a data set into a folder. */
import { startBackend } from '../../backend/index.ts'
import { AppError } from '../../errors/index.ts'
import { datasetFacts } from '../../evaluation/loaderOptions.ts'
import { openNetwork } from '../../evaluation/network.ts'
import { embed as embedSplit } from '../../retrieval/embed.ts'
import { fileWriter } from '../../retrieval/embeddings.ts'
import { networkOptions, watchedBy } from '../networkOptions.ts'
import type { Task } from '../protocol.ts'

export const embed: Task<'embed'> = {
  name: 'embed',
  run: async ({ checkpointPath, dataset, split, folder, settings }, watcher) => {
    watcher.progress('loading', 0, 0)
    const { view, weights, power } = networkOptions(settings)
    const network = await openNetwork(checkpointPath, { weights, power, startBackend })
    try {
      const facts = await datasetFacts(dataset, 0)
      const writer = await fileWriter(folder, checkpointPath)
      const { isCancelled, progress } = watchedBy(watcher)
      const made = await embedSplit(
        { network, dataset, facts, split, view, writer },
        { progress: (done, total) => progress('embedding', done, total), isCancelled },
      )
      if (made === null) throw new AppError('internal', 'The embedding ended without a result')
      const { count, width } = made.embeddings
      await made.embeddings.close()
      return { split: made.split, count, width, skippedCount: made.skippedCount }
    } finally {
      network.dispose()
    }
  },
}
