/** How far weights have moved between two checkpoints. */
import { weightsDrift } from '../../evaluation/comparisonWeights.ts'
import type { Task } from '../protocol.ts'

export const compareWeights: Task<'compare-weights'> = {
  name: 'compare-weights',
  run: ({ paths }, watcher) => weightsDrift(paths, watcher),
}
