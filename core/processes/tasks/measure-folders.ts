/** Adds up what lies below some folders. Links are not followed: what they lead to lies elsewhere. */
import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Task, TaskWatcher } from '../protocol.ts'

interface Size {
  bytes: number
  files: number
}

export const measureFolders: Task<'measure-folders'> = {
  name: 'measure-folders',
  async run({ paths }, watcher) {
    const sizes: Size[] = []
    for (const [place, path] of paths.entries()) {
      watcher.progress('Measuring folders', place, paths.length)
      const size = { bytes: 0, files: 0 }
      await add(path, size, watcher)
      sizes.push(size)
    }
    return { sizes, freeBytes: await freeBytes(paths[0]) }
  },
}

async function add(path: string, size: Size, watcher: TaskWatcher): Promise<void> {
  watcher.throwIfCancelled()
  const found = await lstat(path).catch(() => null)
  if (found === null) return
  if (!found.isDirectory()) {
    size.bytes += found.size
    size.files += 1
    return
  }
  // What is removed meanwhile counts no more.
  for (const name of await readdir(path).catch(() => [])) await add(join(path, name), size, watcher)
}

async function freeBytes(path: string | undefined): Promise<number | null> {
  if (path === undefined) return null
  const found = await statfs(path).catch(() => null)
  return found === null ? null : found.bavail * found.bsize
}
