/** How fast checkpoints embedded images last: what an estimate is made of. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GalleryPlace } from './galleryTasks.ts'

export interface Pace {
  readonly msPerImage: number
  /** Null: as in training. */
  readonly size: number | null
}

const kept = 100

/** Of this run's checkpoints, as they share their network; null while unknown. */
export async function readPace(place: GalleryPlace): Promise<Pace | null> {
  return (await all(place))[runOf(place)] ?? null
}

export async function writePace(place: GalleryPlace, msPerImage: number): Promise<void> {
  const { [runOf(place)]: before, ...others } = await all(place)
  void before
  const entries = [
    ...Object.entries(others).slice(1 - kept),
    [runOf(place), { msPerImage, size: place.size }],
  ]
  await mkdir(dirname(fileOf(place)), { recursive: true })
  await writeFile(fileOf(place), JSON.stringify(Object.fromEntries(entries)))
}

function fileOf({ cacheFolder }: GalleryPlace): string {
  return join(cacheFolder, 'gallery-pace.json')
}

function runOf({ checkpointPath }: GalleryPlace): string {
  return dirname(checkpointPath)
}

async function all(place: GalleryPlace): Promise<Record<string, Pace>> {
  try {
    return JSON.parse(await readFile(fileOf(place), 'utf8')) as Record<string, Pace>
  } catch {
    return {}
  }
}
