/**
 * Where the embeddings of galleries lie: one folder for each network, view and state of the images.
 *
 *     <cache>/galleries/<key>/gallery.json      what they are, written last
 *     <cache>/galleries/<key>/p-own/            embeddings by the network's own pooling (see embeddings.ts)
 *     <cache>/galleries/<key>/p-3/              by GeM with p = 3, from the same maps
 *     <cache>/galleries/<key>/queries-own/      of the split `query`, for data sets that have their own queries
 *     <cache>/galleries/<key>/p-own/rotated/    along the principal components; principal.f64 beside them
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { openEmbeddings, type Embeddings } from '../embeddings.ts'

/** A power of the ladder; `own` is the network's. */
export type Power = number | 'own'

export interface GalleryFacts {
  readonly key: string
  readonly count: number
  readonly width: number
  /** Images left out because they cannot be decoded. */
  readonly skippedCount: number
  /** The network's own power; null where its embedding is no pooled map. */
  readonly ownPower: number | null
  /** Powers that are kept beside it. */
  readonly powers: readonly number[]
  /** Class that the network takes each row's image for; empty where it has no classifier of its own. */
  readonly predicted: readonly number[]
  /** How long an image took. */
  readonly msPerImage: number
}

const factsFile = 'gallery.json'
/** All galleries together; the least recently used go. */
const keptBytes = 20 * 2 ** 30

export function galleryFolder(cacheFolder: string, key: string): string {
  return join(cacheFolder, 'galleries', key.slice(0, 32))
}

export function powerFolder(folder: string, power: Power, kind: 'p' | 'queries' = 'p'): string {
  return join(folder, `${kind}-${power === Infinity ? 'max' : power}`)
}

/** What is there; null where nothing whole is, or something made from other things. */
export async function readFacts(cacheFolder: string, key: string): Promise<GalleryFacts | null> {
  try {
    const text = await readFile(join(galleryFolder(cacheFolder, key), factsFile), 'utf8')
    const facts = JSON.parse(text, (_, value: unknown) =>
      value === 'max' ? Infinity : value,
    ) as GalleryFacts
    return facts.key === key ? facts : null
  } catch {
    return null
  }
}

export async function writeFacts(cacheFolder: string, facts: GalleryFacts): Promise<void> {
  const folder = galleryFolder(cacheFolder, facts.key)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `${factsFile}.new`)
  await writeFile(
    temporary,
    JSON.stringify(facts, (_, value: unknown) => (value === Infinity ? 'max' : value)),
  )
  await rename(temporary, join(folder, factsFile))
  await trim(join(cacheFolder, 'galleries'), folder)
}

/** Marks a gallery as used now. */
export async function touch(cacheFolder: string, key: string): Promise<void> {
  const now = new Date()
  await utimes(join(galleryFolder(cacheFolder, key), factsFile), now, now).catch(() => {})
}

/** @throws AppError not-found when they are not there (any more). */
export async function openKept(
  cacheFolder: string,
  key: string,
  power: Power,
  kind: 'p' | 'queries' = 'p',
): Promise<Embeddings> {
  const found = await openEmbeddings(powerFolder(galleryFolder(cacheFolder, key), power, kind), key)
  if (found) return found
  const message = 'The gallery is not embedded in this way (any more). Embed it again'
  throw new AppError('not-found', message, { remedy: 'Embed it again' })
}

async function trim(folder: string, newest: string): Promise<void> {
  const found = await Promise.all(
    (await readdir(folder)).map(async name => {
      const place = join(folder, name)
      const used = await stat(join(place, factsFile)).catch(() => null)
      // One without facts is being written, or was left behind.
      return { place, at: used?.mtimeMs ?? Infinity, bytes: await sizeOf(place) }
    }),
  )
  let bytes = 0
  for (const each of found.sort((a, b) => b.at - a.at)) {
    bytes += each.bytes
    if (bytes > keptBytes && each.place !== newest && each.at < Infinity)
      await rm(each.place, { recursive: true, force: true })
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0
  return bytes
}
