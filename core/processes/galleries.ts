/** What the tasks on galleries share: which embeddings are meant, and what a query looks like among them. */
import { AppError } from '../errors/index.ts'
import type { OpenDataset, Split } from '../datasets/shared/reader.ts'
import { filesAsSplit } from '../exporting/index.ts'
import { cacheKey } from '../retrieval/galleryCache.ts'
import {
  galleryFolder,
  keptGallery,
  openKept,
  powerFolder,
  readFacts,
  hasPrincipal,
  rotatedRow,
  seeImage,
  type GalleryFacts,
  type KeptGallery,
  type Power,
} from '../retrieval/gallery/index.ts'
import { normalised } from '../retrieval/normalise.ts'
import { expectedOf, type Difficulty, type Expected } from '../retrieval/protocols.ts'
import { keptOpen } from './openDatasets.ts'
import { keptNetwork } from './openNetworks.ts'
import type { GalleryPlace, GalleryQuery, GalleryState, Region } from './galleryTasks.ts'

export function viewOf({ size, resize }: Pick<GalleryPlace, 'size' | 'resize'>) {
  return { size: size ?? undefined, resize }
}

export function keyOf({ checkpointPath, dataset, indexVersion, split, size, resize }: GalleryPlace) {
  const gallery = `${dataset.id} ${indexVersion} ${split}`
  const view = viewOf({ size, resize })
  return cacheKey({ checkpointPath, gallery, view, weights: undefined, power: undefined })
}

export async function stateOf(place: GalleryPlace): Promise<GalleryState> {
  const key = await keyOf(place)
  const facts = await readFacts(place.cacheFolder, key)
  if (facts === null) {
    const none = { count: 0, width: 0, skippedCount: 0, ownPower: null, powers: [], whitened: [] }
    return { isReady: false, ...none }
  }
  const { count, width, skippedCount, ownPower, powers } = facts
  const folder = galleryFolder(place.cacheFolder, key)
  const whitened: Power[] = []
  for (const power of ['own', ...powers] as const)
    if (await hasPrincipal(powerFolder(folder, power), width)) whitened.push(power)
  return { isReady: true, count, width, skippedCount, ownPower, powers, whitened }
}

/** @throws AppError not-found where the gallery is not embedded, or not with this power. */
export async function factsOf(
  place: GalleryPlace,
  power: Power,
): Promise<{ readonly key: string; readonly facts: GalleryFacts }> {
  const key = await keyOf(place)
  const facts = await readFacts(place.cacheFolder, key)
  if (facts === null) {
    const message = 'The gallery is not embedded by this checkpoint yet, or its images have changed. Embed it'
    throw new AppError('not-found', message, { remedy: 'Embed it' })
  }
  if (power === 'own' || facts.powers.includes(power)) return { key, facts }
  const known = facts.powers.map(each => (each === Infinity ? 'max' : each))
  const message = `p: the gallery is kept for ${['its own', ...known].join(', ')}, not for ${power}`
  throw new AppError('invalid-request', message, { field: 'power', value: power })
}

export interface FoundQuery {
  /** Of unit length, or rotated where the gallery is. */
  readonly vector: Float32Array
  readonly name: string
  readonly label: number | null
  readonly region: Region | null
  /** The query's own row of the gallery. */
  readonly self: number | null
  /** Rows that are right, and that do not count; null where nothing is known. */
  readonly expected: Expected | null
  readonly dataset: OpenDataset
}

/** A query's embedding: from the gallery where it is there, else by the network. */
export async function findQuery(
  query: GalleryQuery,
  key: string,
  gallery: KeptGallery,
  difficulty: Difficulty,
): Promise<FoundQuery> {
  const { image } = query
  const dataset = await keptOpen(query.dataset)
  if ('path' in image) {
    const vector = await seen(query, filesAsSplit([image.path]), 0, gallery)
    const known = { name: '', label: null, region: query.region, self: null, expected: null }
    return { vector, ...known, dataset }
  }
  const split = splitOf(await keptOpen(image.dataset), image)
  const isOwn = image.dataset.id === query.dataset.id
  const named = { name: split.name(image.index), dataset }
  const asked =
    isOwn && image.split === 'query' && query.split === 'gallery'
      ? dataset.retrieval?.queries.find(each => each.query === image.index)
      : undefined
  if (asked) {
    const expected = rowsOf(expectedOf(asked, difficulty), gallery)
    const self = asked.self === null ? null : (gallery.rowOf.get(asked.self) ?? null)
    const own = query.region === null ? await ownQuery(query, key, image.index, gallery) : null
    const vector = own ?? (await seen(query, split, image.index, gallery))
    const region = query.region ?? (asked.box && (await fractions(split, image.index, asked.box)))
    return { vector, ...named, label: null, region, self, expected }
  }
  const self = isOwn && image.split === query.split ? (gallery.rowOf.get(image.index) ?? null) : null
  const vector =
    self !== null && query.region === null
      ? gallery.rows.row(self)
      : await seen(query, split, image.index, gallery)
  const hasClasses = isOwn && !(query.split === 'gallery' && dataset.retrieval)
  const label = hasClasses ? split.labels[image.index]! : null
  const expected = label === null ? null : ofClass(label, gallery, dataset.splits[query.split]!)
  return { vector, ...named, label, region: query.region, self, expected }
}

/** One place where galleries are kept: rotated for whitening. */
export async function openGallery({ cacheFolder, power, whitening }: GalleryQuery, key: string) {
  return keptGallery(cacheFolder, key, power, whitening !== null)
}

/** @throws AppError not-found */
export function splitOf(
  dataset: OpenDataset,
  { split: name, index }: { readonly split: keyof OpenDataset['splits']; readonly index: number },
): Split {
  const split = dataset.splits[name]
  if (split && index < split.count) return split
  const problem = split ? `there is no image ${index} in ${name}` : `there is no split ${name}`
  throw new AppError('not-found', `Query: ${problem}. Choose another`, { split: name, index })
}

async function seen(query: GalleryQuery, split: Split, index: number, { principal }: KeptGallery) {
  const network = await keptNetwork(query.checkpointPath)
  const { embedding } = await seeImage(network, split, index, query.region, viewOf(query), query.power)
  if (!embedding.every(Number.isFinite))
    throw new AppError(
      'not-finite',
      'The network gives an embedding that is no number. Choose another checkpoint',
    )
  const unit = normalised(embedding, embedding.length)
  return principal ? rotatedRow(principal, unit) : unit
}

/** A query of the data set itself, embedded with its box along with the gallery. */
async function ownQuery(
  { cacheFolder, power }: GalleryQuery,
  key: string,
  index: number,
  { principal }: KeptGallery,
): Promise<Float32Array | null> {
  const queries = await openKept(cacheFolder, key, power, 'queries')
  try {
    const row = queries.indices.indexOf(index)
    if (row < 0) return null
    const unit = await queries.rows(row, row + 1)
    return principal ? rotatedRow(principal, unit) : unit
  } finally {
    await queries.close()
  }
}

/** @param box left, top, right, bottom in pixels */
async function fractions(split: Split, index: number, [left, top, right, bottom]: readonly number[]) {
  const sample = await split.read(index)
  const size = sample.kind === 'pixels' ? sample.image : await sizeOfEncoded(sample.bytes)
  const { width, height } = size
  return {
    ...{ x: left! / width, y: top! / height },
    ...{ width: (right! - left!) / width, height: (bottom! - top!) / height },
  }
}

async function sizeOfEncoded(
  bytes: Uint8Array,
): Promise<{ readonly width: number; readonly height: number }> {
  const { decodeImage } = await import('../data/decode.ts')
  return decodeImage(bytes, 3, 'query')
}

function rowsOf({ relevant, ignored }: Expected, { rowOf }: KeptGallery): Expected {
  const rows = (indices: Int32Array): Int32Array =>
    indices.map(index => rowOf.get(index) ?? -1).filter(row => row >= 0)
  return { relevant: rows(relevant), ignored: rows(ignored) }
}

/** By the labels as they are now: the user may have changed some since the gallery was embedded. */
function ofClass(label: number, { indices }: KeptGallery, { labels }: Split): Expected {
  const rows: number[] = []
  indices.forEach((index, row) => {
    if (labels[index] === label) rows.push(row)
  })
  return { relevant: Int32Array.from(rows), ignored: new Int32Array(0) }
}
