/** Writes a file as a whole: under another name first, so that nobody ever reads half of it and two writers do not meet. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.${randomUUID()}.part`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(part, content)
    await rename(part, path)
  } catch (thrown) {
    // On a full disk half a file would take the room that is needed.
    await rm(part, { force: true })
    throw thrown
  }
}
