import { open, rename, rm } from 'node:fs/promises'

/**
 * Writes a file under a temporary name, to disk, then in place: the name never stands for half a file.
 * @param path its folder must exist; `${path}.<process id>.part` is the temporary name.
 * @throws the file system's error, with nothing left behind.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.part`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw thrown
  }
}
