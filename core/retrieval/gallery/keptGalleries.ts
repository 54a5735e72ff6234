/** Galleries that a worker keeps in memory between queries. */
import type { Embeddings } from '../embeddings.ts'
import type { Principal } from '../whitening/principal.ts'
import { AppError } from '../../errors/index.ts'
import { galleryFolder, openKept, powerFolder, type Power } from './files.ts'
import { openRotated, readPrincipal } from './principalFile.ts'
import { RowBlocks } from './rowBlocks.ts'

export interface KeptGallery {
  readonly rows: RowBlocks
  /** Index of each row's image in its split, [count]. */
  readonly indices: Int32Array
  readonly labels: Int32Array
  /** Row of an image; undefined where it has none. */
  readonly rowOf: ReadonlyMap<number, number>
  /** What the rows were rotated by; null where they are the embeddings themselves. */
  readonly principal: Principal | null
}

/** Memory of all galleries together; one is kept whatever its size. */
const keptBytes = 2.5 * 2 ** 30
const rowsAtOnce = 8192

/** The least recently used first. */
const kept = new Map<string, Promise<KeptGallery>>()

/**
 * @param isRotated whether the rows lie along their principal components, for whitening
 * @throws AppError not-found when it was not embedded so; out-of-memory.
 */
export async function keptGallery(
  cacheFolder: string,
  key: string,
  power: Power,
  isRotated: boolean,
): Promise<KeptGallery> {
  const name = `${key} ${power} ${isRotated}`
  const made = kept.get(name) ?? load(cacheFolder, key, power, isRotated)
  kept.delete(name)
  kept.set(name, made)
  try {
    const gallery = await made
    await giveUpSurplus()
    return gallery
  } catch (thrown) {
    kept.delete(name)
    throw thrown
  }
}

async function load(
  cacheFolder: string,
  key: string,
  power: Power,
  isRotated: boolean,
): Promise<KeptGallery> {
  const folder = powerFolder(galleryFolder(cacheFolder, key), power)
  const embeddings = isRotated ? await openRotated(folder, key) : await openKept(cacheFolder, key, power)
  const principal = isRotated && embeddings ? await readPrincipal(folder, embeddings.width) : null
  if (embeddings === null || (isRotated && principal === null)) throw notLearned()
  try {
    return { ...(await loaded(embeddings)), principal }
  } finally {
    await embeddings.close()
  }
}

async function loaded(embeddings: Embeddings): Promise<Omit<KeptGallery, 'principal'>> {
  const { count, width, indices, labels } = embeddings
  const rows = new RowBlocks(count, width)
  for (let from = 0; from < count; from += rowsAtOnce)
    rows.set(from, await embeddings.rows(from, Math.min(from + rowsAtOnce, count)))
  const rowOf = new Map(Array.from(indices, (index, row) => [index, row]))
  return { rows, indices, labels, rowOf }
}

async function giveUpSurplus(): Promise<void> {
  let bytes = 0
  for (const [name, made] of [...kept].reverse()) {
    const gallery = await made.catch(() => null)
    bytes += gallery?.rows.bytes ?? 0
    if (bytes > keptBytes && name !== [...kept.keys()].at(-1)) kept.delete(name)
  }
}

function notLearned(): AppError {
  const message = 'The whitening of this gallery is not learned (any more). Learn it again'
  return new AppError('not-found', message, { remedy: 'Learn it again' })
}
