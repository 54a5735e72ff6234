/** Small data sets in a temporary folder. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { LoaderOptions } from '../../../core/data/types.ts'
import { readers } from '../../../core/datasets/index.ts'
import type { DatasetRef, Scan, ScanWatcher } from '../../../core/datasets/shared/reader.ts'
import { fixturePath } from '../../fixtures/images/formula.ts'

export const silent: ScanWatcher = { progress: () => {}, throwIfCancelled: () => {} }

export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-data-'))
  test.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Big-endian IDX bytes of `rank` dimensions. */
export function idxBytes(dimensions: readonly number[], values: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + dimensions.length * 4 + values.length)
  bytes.writeUInt32BE(0x800 + dimensions.length, 0)
  dimensions.forEach((length, at) => bytes.writeUInt32BE(length, 4 + at * 4))
  bytes.set(values, 4 + dimensions.length * 4)
  return bytes
}

/** Writes a split of images whose pixels tell their number: all pixels of image i are i % 256. */
export async function writeIdx(
  folder: string,
  split: string,
  count: number,
  side: number,
  classCount = 3,
): Promise<void> {
  const images = Uint8Array.from(
    { length: count * side * side },
    (_, at) => Math.floor(at / (side * side)) % 256,
  )
  const labels = Uint8Array.from({ length: count }, (_, at) => at % classCount)
  await writeFile(join(folder, `${split}-images-idx3-ubyte`), idxBytes([count, side, side], images))
  await writeFile(join(folder, `${split}-labels-idx1-ubyte`), idxBytes([count], labels))
}

/** Writes picture files by path below the folder: copies of fixtures. */
export async function writePictures(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, fixture] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await copyFile(fixturePath(fixture), join(folder, path))
  }
}

/** Scans a folder and writes its index, as the application does. */
export async function scanned(
  path: string,
  reader: string,
  options: Record<string, unknown> = {},
): Promise<{ scan: Scan; ref: DatasetRef }> {
  const scan = await readers.create({ name: reader, options }).scan(path, silent)
  const indexPath = join(path, '.index')
  await writeFile(indexPath, scan.index)
  return { scan, ref: { id: 'test', reader, path, options, indexPath } }
}

/** Options of a small loader. */
export function loaderOptions(dataset: DatasetRef, changes: Partial<LoaderOptions> = {}): LoaderOptions {
  return {
    dataset,
    split: 'train',
    transforms: [{ name: 'resize-exact' }],
    height: 8,
    width: 8,
    channels: 1,
    batchSize: 8,
    order: { name: 'shuffled' },
    seed: 5,
    dropLast: true,
    epochs: 2,
    startBatch: 0,
    threads: 0,
    prefetch: 3,
    maxBadFraction: 0.01,
    ...changes,
  }
}
