/** Exports a checkpoint for other programs. */
import { exportCheckpoint as exportTo } from '../../exporting/index.ts'
import type { Task } from '../protocol.ts'

export const exportCheckpoint: Task<'export-checkpoint'> = {
  name: 'export-checkpoint',
  run: (order, watcher) => exportTo(order, watcher),
}
