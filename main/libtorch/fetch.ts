/** Fetches a pinned libtorch: room on the disk, download, check, unpack. */
import { mkdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import { download, partOf, sizeOf, type Order } from './download.ts'
import type { PinnedLibtorch } from './pins.ts'
import { unpack, unpackedBytes } from './unpack.ts'

export interface FetchOrder {
  readonly pinned: PinnedLibtorch
  /** Folder of all that is fetched, `<data folder>/libtorch`. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress: (phase: FetchPhase, done: number, total: number) => void
  /** Bytes for this user on the disk of a folder; for tests of a full disk. */
  readonly freeBytes?: (folder: string) => Promise<number>
  readonly tries?: Pick<Order, 'silenceMs' | 'retries' | 'retryAfterMs'>
}

export type FetchPhase = 'downloading' | 'checking' | 'unpacking'

/** Archives of libraries unpack to about this many times their size: for the first look, before their directory can be read. */
const usualInflation = 2.2
/** Left free, so that training can go on saving. */
const reserveBytes = 2 ** 30

export interface FetchSize {
  /** Of the archive. */
  readonly bytes: number
  /** Of it here already. */
  readonly presentBytes: number
  /** Room that is needed in all, about. */
  readonly neededBytes: number
  readonly freeBytes: number
}

export const folderOf = (folder: string, { version, build }: PinnedLibtorch): string =>
  join(folder, `${version}-${build}`)

const archiveOf = (folder: string, pinned: PinnedLibtorch): string => `${folderOf(folder, pinned)}.zip`

/** Asks the server how large the archive is; nothing is loaded. @throws AppError data-unreadable. */
export async function measure(
  pinned: PinnedLibtorch,
  folder: string,
  signal: AbortSignal,
): Promise<FetchSize> {
  const bytes = await sizeOf(pinned.url, signal)
  const presentBytes = await partBytes(pinned, folder)
  const neededBytes = Math.round(bytes * (1 + usualInflation)) - presentBytes + reserveBytes
  return { bytes, presentBytes, neededBytes, freeBytes: await roomIn(folder) }
}

/** Bytes of an interrupted download that can be gone on with. */
export async function partBytes(pinned: PinnedLibtorch, folder: string): Promise<number> {
  const archive = archiveOf(folder, pinned)
  return (await sizeIfThere(partOf(archive))) || (await sizeIfThere(archive))
}

/** Deletes what an interrupted download has brought. */
export async function discardPart(pinned: PinnedLibtorch, folder: string): Promise<void> {
  const archive = archiveOf(folder, pinned)
  for (const path of [partOf(archive), archive]) await rm(path, { force: true })
}

/**
 * @returns the folder with `lib` and `include`.
 * @throws AppError data-unreadable, data-invalid, disk-full, cancelled, or conflict where no hash is known.
 */
export async function fetchLibtorch(order: FetchOrder): Promise<string> {
  const { pinned, folder, signal, onProgress, freeBytes = roomIn } = order
  const { url, sha256, inner } = pinned
  if (sha256 === null)
    throw new AppError(
      'conflict',
      `${url} is not fetched: no SHA-256 of it is known, so that it could not be checked`,
    )
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const archive = archiveOf(folder, pinned)
  if ((await sizeIfThere(archive)) === 0) {
    const bytes = await sizeOf(url, signal)
    const rest = bytes - (await partBytes(pinned, folder))
    await expectRoom(rest + bytes * usualInflation, await freeBytes(folder), folder)
    await download({ url, sha256, path: archive, signal, onProgress, ...order.tries })
  }
  await expectRoom(await unpackedBytes({ archive, inner }), await freeBytes(folder), folder)
  const made = folderOf(folder, pinned)
  await unpack({
    ...{ archive, inner, folder: made, signal },
    onProgress: (done, total) => onProgress('unpacking', done, total),
  })
  await rm(archive, { force: true })
  return made
}

async function expectRoom(needed: number, free: number, folder: string): Promise<void> {
  if (free >= needed + reserveBytes) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const message =
    `${folder}: libtorch needs ${gigabytes(needed)} and ${gigabytes(reserveBytes)} to spare, and ${gigabytes(free)} are free. ` +
    'Free some space, or move the data folder to a larger disk'
  throw new AppError('disk-full', message, { value: free, expected: needed + reserveBytes })
}

async function sizeIfThere(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

/** The nearest folder that is there tells for one that is not. */
async function roomIn(folder: string): Promise<number> {
  for (let place = folder; ; place = dirname(place)) {
    const found = await statfs(place).catch(() => null)
    if (found) return found.bavail * found.bsize
    if (dirname(place) === place) return 0
  }
}
