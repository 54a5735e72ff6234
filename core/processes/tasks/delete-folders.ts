/** Deletes folders with everything below. */
import { rm } from 'node:fs/promises'
import type { Task } from '../protocol.ts'

export const deleteFolders: Task<'delete-folders'> = {
  name: 'delete-folders',
  async run({ paths }, watcher) {
    for (const [done, path] of paths.entries()) {
      watcher.throwIfCancelled()
      watcher.progress('deleting', done, paths.length)
      await rm(path, { recursive: true, force: true })
    }
    return { deleted: [...paths] }
  },
}
