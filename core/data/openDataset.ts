/** Opens a data set by its reference: reader, folder and index file. */
import { open } from 'node:fs/promises'
import { readers } from '../datasets/index.ts'
import type { DatasetRef, OpenDataset, SharedPixels } from '../datasets/shared/reader.ts'
import { unreadable } from '../datasets/shared/pixels.ts'
import { useCrc32c } from '../datasets/shared/tfrecord/crc32c.ts'
import { relabelled } from './relabelled.ts'
import { loadJpeg } from './jpeg/load.ts'

// Checksums of records are the addon's where it is there: once for each thread.
const { crc32c } = loadJpeg().binding ?? {}
if (crc32c) useCrc32c(crc32c)

/** What threads pass on so that none reads twice. */
export interface SharedDataset {
  readonly index: SharedArrayBuffer
  readonly pixels: SharedPixels
}

/**
 * Opens a data set.
 * @param shared index and pixels that another thread has read already
 * @throws AppError data-unreadable when the index file is missing; data-invalid when it is damaged; unknown-name.
 */
export async function openDataset(ref: DatasetRef, shared?: SharedDataset): Promise<OpenDataset> {
  const index = shared?.index ?? (await readShared(ref.indexPath))
  const reader = readers.create({ name: ref.reader, options: ref.options }, 'dataset')
  const dataset = await reader.open(ref.path, new Uint8Array(index), shared?.pixels)
  return relabelled(dataset, ref.labelsPath)
}

/** A file in memory that threads can share. @throws AppError data-unreadable */
export async function readShared(path: string): Promise<SharedArrayBuffer> {
  const file = await open(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  try {
    const { size } = await file.stat()
    const shared = new SharedArrayBuffer(size)
    const bytes = new Uint8Array(shared)
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30), at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return shared
  } catch (thrown) {
    throw unreadable(path, thrown)
  } finally {
    await file.close()
  }
}
