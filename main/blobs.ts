/** Images by URL, for both shells: thumbnails and whole pictures of data sets. Ids only, no paths of the caller's choosing. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, type ErrorCode } from '../core/errors/index.ts'
import {
  augmentedPath,
  datasetRef,
  indexVersion,
  uploadPath,
  type Workbench,
} from '../core/handlers/index.ts'
import { FileCache } from './fileCache.ts'
import { ThumbnailBatcher, type ThumbnailSource } from './thumbnailBatcher.ts'

export interface Blob {
  readonly status: number
  /** Media type. */
  readonly type: string
  readonly body: Uint8Array
}

type Context = Pick<Workbench, 'store' | 'supervisor' | 'folders' | 'report'>

/** `datasets/flowers/train/17/thumbnail` */
const pattern =
  /^datasets\/([a-z0-9][a-z0-9-]{0,63})\/(train|val|test|query|gallery)\/(0|[1-9]\d{0,9})\/(thumbnail|image)$/
/** `uploads/u-0123…` */
const uploadPattern = /^uploads\/(u-[0-9a-f]{32})$/
/** `augmented/0123…` */
const augmentedPattern = /^augmented\/([0-9a-f]{64})$/
const thumbnailPixels = 128
const cacheBytes = 256 * 1024 * 1024
const imageTypes = ['image/png', 'image/webp', 'image/jpeg']

/** Makes a function from a path below `/blobs/` to an answer. It never throws. */
export function createBlobs(context: Context): (path: string) => Promise<Blob> {
  const { store, supervisor, folders } = context
  const cache = new FileCache(join(folders.cache, 'thumbnails'), cacheBytes)
  const batcher = new ThumbnailBatcher(({ dataset, split }, indices) =>
    supervisor.runTask('thumbnail', { dataset, split, indices, size: thumbnailPixels }),
  )
  const make = async (path: string): Promise<Blob> => {
    const upload = uploadPattern.exec(path)?.[1]
    if (upload !== undefined)
      return ok(await supervisor.runTask('uploaded-image', { path: await uploadPath(folders, upload) }))
    const drawn = augmentedPattern.exec(path)?.[1]
    if (drawn !== undefined)
      return ok({ bytes: await readFile(await augmentedPath(folders, drawn)), type: 'image/png' })
    const [, id, split, digits, kind] = pattern.exec(path) ?? []
    if (id === undefined) throw new AppError('not-found', 'There is nothing here')
    const dataset = datasetRef(folders, store.datasets.get(id))
    const version = indexVersion(folders, id)
    const source = { dataset, version, split: split as ThumbnailSource['split'], index: Number(digits) }
    if (kind === 'image') return ok(await supervisor.runTask('image', source))
    const key = createHash('sha256')
      .update(`${id}/${version}/${split}/${digits}/${thumbnailPixels}`)
      .digest('hex')
    const known = await cache.read(key)
    if (known) return ok({ bytes: known, type: typeOf(known) })
    const { bytes, problem } = await batcher.get(source)
    if (!bytes) throw new AppError('data-invalid', problem || 'The image cannot be decoded')
    await cache.write(key, bytes)
    return ok({ bytes, type: typeOf(bytes) })
  }
  return path =>
    make(path).catch((thrown: unknown) => {
      const error = AppError.from(thrown)
      if (error.code === 'internal') context.report(error)
      return {
        status: statusOf(error.code),
        type: 'text/plain; charset=utf-8',
        body: Buffer.from(error.message),
      }
    })
}

/** Nothing but a picture leaves by these addresses, whatever a file claims to be. */
function ok({ bytes, type }: { readonly bytes: Uint8Array; readonly type: string }): Blob {
  return { status: 200, type: imageTypes.includes(type) ? type : 'application/octet-stream', body: bytes }
}

/** Media type by the first bytes. */
function typeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'image/png'
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg'
  return bytes[8] === 0x57 && bytes[9] === 0x45 ? 'image/webp' : 'application/octet-stream'
}

function statusOf(code: ErrorCode): number {
  if (code === 'not-found') return 404
  return code === 'data-invalid' || code === 'data-unreadable' ? 422 : 500
}
