/**
 * Takes images that the user brings to the page, as bytes: no path ever comes with them. They are kept in the cache folder under the
 * hash of their bytes once a worker has decoded them, and the oldest go when there are too many.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../core/errors/index.ts'
import type { Reply } from '../core/contract/index.ts'
import { uploadFolder, type Workbench } from '../core/handlers/index.ts'

/** Address of uploads in both shells. */
export const uploadPathname = '/uploads'
/** A content type that no form can send, so that a browser asks before it sends one for another site. */
export const uploadType = 'application/octet-stream'
/** Largest image in bytes. */
export const largestUpload = 64 * 1024 * 1024
const keptBytes = 512 * 1024 * 1024
const keptCount = 500
/** Uploads that are taken in at once. */
const mostAtOnce = 8

type Context = Pick<Workbench, 'supervisor' | 'folders' | 'report'>

/** Answers `{ id, width, height }` like a call. Never throws. */
export type Upload = (body: AsyncIterable<Uint8Array>) => Promise<Reply>

export function createUploads({ supervisor, folders, report }: Context): Upload {
  const folder = uploadFolder(folders)
  let taking = 0
  const take = async (body: AsyncIterable<Uint8Array>): Promise<unknown> => {
    if (taking >= mostAtOnce)
      throw new AppError('conflict', `${mostAtOnce} images are being taken in already. Try again in a moment`)
    taking++
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const temporary = join(folder, `.${randomBytes(8).toString('hex')}.part`)
    try {
      const id = `u-${(await store(body, temporary)).slice(0, 32)}`
      const { width, height } = await supervisor.runTask('uploaded-image', { path: temporary })
      await rename(temporary, join(folder, id))
      await trim(folder, id)
      return { id, width, height }
    } finally {
      taking--
      await rm(temporary, { force: true })
    }
  }
  return body =>
    take(body).then(
      value => ({ ok: true as const, value }),
      (thrown: unknown) => {
        const error = AppError.from(thrown, 'upload')
        if (error.code === 'internal') report(error)
        return { ok: false as const, error: error.toReply() }
      },
    )
}

/** @returns the hash of what was written. @throws AppError invalid-request when it is empty or too large. */
async function store(body: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let size = 0
  try {
    for await (const part of body) {
      size += part.length
      if (size > largestUpload) throw tooLarge()
      hash.update(part)
      await file.writeFile(part)
    }
  } finally {
    await file.close()
  }
  if (size === 0) throw new AppError('invalid-request', 'The image is an empty file. Choose another')
  return hash.digest('hex')
}

export function tooLarge(): AppError {
  const megabytes = largestUpload / 1024 / 1024
  return new AppError('invalid-request', `The image is larger than ${megabytes} MB. Make it smaller`)
}

/** The oldest go, but never the newest. What an interrupted upload left goes after an hour. */
async function trim(folder: string, newest: string): Promise<void> {
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map(async name => ({ name, info: await stat(join(folder, name)).catch(() => null) })),
  )
  const files = found.flatMap(({ name, info }) => (info ? [{ name, size: info.size, at: info.mtimeMs }] : []))
  const stale = files.filter(({ name, at }) => name.startsWith('.') && Date.now() - at > 3_600_000)
  const whole = files
    .filter(({ name }) => name !== newest && !name.startsWith('.'))
    .sort((a, b) => b.at - a.at)
  let bytes = 0
  const surplus = whole.filter(({ size }, place) => (bytes += size) > keptBytes || place >= keptCount - 1)
  for (const { name } of [...stale, ...surplus]) await rm(join(folder, name), { force: true })
}
