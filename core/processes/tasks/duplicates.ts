/** Looks for images that are in a data set twice. */
import { findDuplicates } from '../../data/index.ts'
import type { Task } from '../protocol.ts'

export const duplicates: Task<'duplicates'> = {
  name: 'duplicates',
  run: async ({ dataset, options }, watcher) => findDuplicates(dataset, options, watcher),
}
