/** The file-system calls of saving a checkpoint, few enough that a test can fail or kill at each of them. */
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** A new file being written. */
export interface SavingFile {
  write(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface SavingFs {
  /** With its parents, whose names are made durable; no error when it exists. */
  makeFolder(path: string): Promise<void>
  /** @throws EEXIST when the file exists. */
  create(path: string): Promise<SavingFile>
  rename(from: string, to: string): Promise<void>
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>
  /** With everything in it; no error when it does not exist. */
  remove(path: string): Promise<void>
  /** Bytes that may still be written where a folder lies; null when that cannot be told. */
  freeBytes(path: string): Promise<number | null>
}

/** The real file system. */
export const nodeFs: SavingFs = {
  makeFolder: async path => {
    const first = await mkdir(path, { recursive: true })
    if (first !== undefined) for (const parent of parentsOf(path, first)) await syncFolder(parent)
  },
  create: async path => savingFile(await open(path, 'wx')),
  rename,
  syncFolder,
  remove: path => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  freeBytes: async path => {
    try {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    } catch {
      return null
    }
  },
}

/**
 * Folders in which a name is new, deepest first.
 * @param path folder that was made
 * @param first the highest of the folders made on the way
 */
export function parentsOf(path: string, first: string): string[] {
  const parents = [dirname(resolve(path))]
  const highest = dirname(resolve(first))
  while (parents.at(-1) !== highest && parents.at(-1) !== dirname(parents.at(-1)!))
    parents.push(dirname(parents.at(-1)!))
  return parents
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its file systems journal the names themselves.
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function savingFile(handle: FileHandle): SavingFile {
  return {
    write: async bytes => {
      // A single call may write less than it was given.
      let offset = 0
      while (offset < bytes.length)
        offset += (await handle.write(bytes, offset, bytes.length - offset)).bytesWritten
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}
