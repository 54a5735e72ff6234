/** What checkpoints said of the same images, added up. */
import { comparePredictions as compared } from '../../evaluation/comparisonPredictions.ts'
import { joinedPredictions } from '../comparisons.ts'
import type { Task } from '../protocol.ts'

export const comparePredictions: Task<'compare-predictions'> = {
  name: 'compare-predictions',
  run: async ({ paths, pair }) => compared(await joinedPredictions(paths), pair),
}
