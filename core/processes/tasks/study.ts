/** An evaluation from all sides. */
import { keptStudy } from '../studied.ts'
import type { Task } from '../protocol.ts'

export const study: Task<'study'> = {
  name: 'study',
  run: ({ path }, watcher) =>
    keptStudy(path, (done, total) => {
      watcher.throwIfCancelled()
      watcher.progress('studying', done, total)
    }),
}
