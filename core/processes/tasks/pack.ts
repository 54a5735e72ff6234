/** Writes a data set as TFRecord files. */
import { packDataset } from '../../data/index.ts'
import type { Task } from '../protocol.ts'

export const pack: Task<'pack'> = {
  name: 'pack',
  run: async ({ dataset, out, options }, watcher) => packDataset(dataset, out, options, watcher),
}
