/** Images that the user dropped, pasted or chose: files in the cache folder, called by the hash of their bytes. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'
import type { DataFolders } from './ports.ts'

const pattern = /^u-[0-9a-f]{32}$/

export function uploadFolder({ cache }: Pick<DataFolders, 'cache'>): string {
  return join(cache, 'uploads')
}

/** The file of an upload. @throws AppError not-found for one that was never here, or that the cache has given up. */
export async function uploadPath(folders: Pick<DataFolders, 'cache'>, id: string): Promise<string> {
  const path = join(uploadFolder(folders), id)
  const isHere =
    pattern.test(id) &&
    (await access(path).then(
      () => true,
      () => false,
    ))
  if (isHere) return path
  const message = `There is no image '${id}' any more: uploads are kept for a while only. Choose it again`
  throw new AppError('not-found', message, { value: id, remedy: 'Choose it again' })
}
