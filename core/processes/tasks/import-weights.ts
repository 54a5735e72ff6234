/** Weights from elsewhere as a checkpoint. */
import { importCheckpoint } from '../../importing/index.ts'
import type { Task } from '../protocol.ts'

export const importWeights: Task<'import-weights'> = {
  name: 'import-weights',
  run: order => importCheckpoint(order),
}
