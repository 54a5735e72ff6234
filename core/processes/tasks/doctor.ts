/** Tries every compute backend. */
import { inspectBackends } from '../../backend/index.ts'
import type { Task } from '../protocol.ts'

export const doctor: Task<'doctor'> = {
  name: 'doctor',
  run: async (input, watcher) =>
    inspectBackends({
      ...input,
      onProgress: (phase, done, total) => {
        watcher.throwIfCancelled()
        watcher.progress(phase, done, total)
      },
    }),
}
