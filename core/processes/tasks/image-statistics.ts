/** What was measured of the images of a data set, summed up split by split. */
import { readFacts, sizeStatistics } from '../../data/index.ts'
import type { Task } from '../protocol.ts'

export const imageStatistics: Task<'image-statistics'> = {
  name: 'image-statistics',
  async run({ factsPath, indexVersion }) {
    const facts = await readFacts(factsPath, indexVersion).catch(() => null)
    return (
      facts && {
        isDecoded: facts.isDecoded,
        broken: facts.broken,
        splits: facts.splits.map(({ name, ...sizes }) => ({ name, ...sizeStatistics(sizes) })),
      }
    )
  },
}
