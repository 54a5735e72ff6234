/** Prepares the sample data set. */
import { prepareSample as prepare } from '../../data/index.ts'
import type { Task } from '../protocol.ts'

export const prepareSample: Task<'prepare-sample'> = {
  name: 'prepare-sample',
  run: async ({ folder }, watcher) => prepare(folder, watcher),
}
