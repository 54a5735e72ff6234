/** Scans a folder of images and writes the index that opening it needs. */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { detectReader } from '../../data/index.ts'
import { readers } from '../../datasets/index.ts'
import { AppError } from '../../errors/index.ts'
import type { Task } from '../protocol.ts'

export const scan: Task<'scan'> = {
  name: 'scan',
  run: async ({ path, reader: wanted, options, indexPath }, watcher) => {
    watcher.progress('recognising', 0, 0)
    const name = wanted === 'auto' ? (await detectReader(path)).reader : wanted
    const reader = readers.create({ name, options }, 'dataset')
    const { index, ...found } = await reader.scan(path, watcher)
    watcher.throwIfCancelled()
    await writeWhole(indexPath, index)
    return { ...found, reader: name, options }
  },
}

/** Under another name first, so that an index is never half there. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
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
    throw AppError.from(thrown, `Writing the data set's index ${path}`)
  }
}
