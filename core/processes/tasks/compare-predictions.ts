/** What checkpoints said of the same images, added up. */
import { comparePredictions as compared } from '../../evaluation/comparisonPredictions.ts'
import { AppError } from '../../errors/index.ts'
import { joinedPredictions } from '../comparisons.ts'
import type { Task } from '../protocol.ts'

export const comparePredictions: Task<'compare-predictions'> = {
  name: 'compare-predictions',
  async run({ paths, pair }) {
    const joined = await joinedPredictions(paths)
    if (joined.count > 0) return compared(joined, pair)
    const message = 'No image was judged by all of these checkpoints, so there is nothing to compare them on'
    throw new AppError('conflict', message, { remedy: 'Evaluate all of them on the same images' })
  },
}
