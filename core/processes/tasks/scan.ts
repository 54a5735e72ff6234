/** Scans a folder of images and writes the index that opening it needs. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { detectReader, writeWhole } from '../../data/index.ts'
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
    await writeIndex(indexPath, index)
    return { ...found, reader: name, options }
  },
}

async function writeIndex(path: string, index: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeWhole(path, index)
  } catch (thrown) {
    throw AppError.from(thrown, `Writing the data set's index ${path}`)
  }
}
