/** The GPUs of this machine, without starting one. */
import { nvidiaGpus } from '../../backend/index.ts'
import type { Task } from '../protocol.ts'

export const gpus: Task<'gpus'> = {
  name: 'gpus',
  run: async () => nvidiaGpus(),
}
