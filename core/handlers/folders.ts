/** What a folder takes on the disk. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of all files below a folder, links not followed; 0 when there is none. */
export async function sizeOfFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const sizes = entries.map(async entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? sizeOfFolder(path) : ((await lstat(path).catch(() => null))?.size ?? 0)
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
