/** Pictures of augmented images: drawn on a worker, kept for a while in the cache folder, called by the hash of their bytes. */
import { createHash } from 'node:crypto'
import { access, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig } from '../experiment/index.ts'
import { datasetRef } from './datasetViews.ts'
import type { DataFolders, Workbench } from './ports.ts'
import { writeWhole } from './writeWhole.ts'

type Cache = Pick<DataFolders, 'cache'>

/** Beyond these the older half goes. */
const mostPictures = 600

function folderOf({ cache }: Cache): string {
  return join(cache, 'augmented')
}

/** The file of a picture. @throws AppError not-found for one that was never here, or that the cache has given up. */
export async function augmentedPath(folders: Cache, hash: string): Promise<string> {
  const path = join(folderOf(folders), hash)
  const isHere = await access(path).then(
    () => true,
    () => false,
  )
  if (isHere) return path
  throw new AppError('not-found', 'This picture is not kept any more. Draw it again', { value: hash })
}

/** @throws AppError not-found, conflict, invalid-config, or data-invalid for an image that cannot be decoded */
export function augmentedDrawer({
  store,
  supervisor,
  folders,
}: Pick<
  Workbench,
  'store' | 'supervisor' | 'folders'
>): Handlers<WorkbenchContract>['datasets']['augmented'] {
  return async ({ datasetId, split, index, config, epoch, copy, count }) => {
    const dataset = store.datasets.get(datasetId)
    if (dataset.status !== 'ready')
      throw new AppError('conflict', `Data set '${dataset.name}' is not ready: ${dataset.status}`)
    const draws = Array.from({ length: count }, (_, at) => ({ epoch: epoch + at, copy }))
    const { size, train, validation } = await supervisor.runTask('augmented', {
      ...{ dataset: datasetRef(folders, dataset), split, index, draws },
      config: { ...parseConfig(config) },
    })
    const urls = await Promise.all([...validation, ...train].map(({ bytes }) => keep(folders, bytes)))
    await trim(folders)
    const [validationUrl = '', ...trainUrls] = urls
    return {
      size,
      validationUrl,
      train: trainUrls.map((url, at) => ({ ...(draws[at] as (typeof draws)[number]), url })),
    }
  }
}

/** @returns the address of the picture */
async function keep(folders: Cache, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex')
  const path = join(folderOf(folders), hash)
  // Two draws may be the same picture.
  await writeWhole(path, bytes)
  return `/blobs/augmented/${hash}`
}

async function trim(folders: Cache): Promise<void> {
  const folder = folderOf(folders)
  const names = await readdir(folder)
  if (names.length <= mostPictures) return
  const aged = await Promise.all(
    names.map(async name => ({
      path: join(folder, name),
      mtimeMs: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  )
  aged.sort((one, other) => one.mtimeMs - other.mtimeMs)
  for (const { path } of aged.slice(0, Math.ceil(aged.length / 2))) await rm(path, { force: true })
}
