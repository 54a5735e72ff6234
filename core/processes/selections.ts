/** What a worker remembers of a data set while someone looks at its images: sizes, tags, and which images a filter chose. */
import { readFile, stat } from 'node:fs/promises'
import { placesOf, readFacts, selectImages, type ImageFacts, type ImageFilter } from '../data/index.ts'
import type { DatasetRef, OpenDataset, Split, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { keptOpen } from './openDatasets.ts'

/** A split as the user looks at it. */
export interface LookedAt {
  readonly dataset: DatasetRef
  /** Changes with every scan. */
  readonly indexVersion: string
  readonly split: SplitName
  /** File of tags; left out: none. */
  readonly tagsPath?: string
  /** File of sizes; it may not be there. */
  readonly factsPath: string
}

/** The file of tags, as JSON. */
export type Tags = Readonly<
  Partial<Record<SplitName, readonly (readonly [index: number, name: string, tags: readonly string[]])[]>>
>

export interface OpenSelection {
  readonly dataset: OpenDataset
  readonly split: Split
  readonly facts: ImageFacts['splits'][number] | null
  readonly broken: ReadonlyMap<number, string>
  readonly tags: ReadonlyMap<number, readonly string[]>
  /** Null: all of them as they lie. */
  readonly indices: Int32Array | null
}

const mostRemembered = 12
/** By everything that they depend on, the least recently used first. */
const remembered = new Map<string, unknown>()

/** @throws AppError not-found, and what opening the data set throws */
export async function openSelection(at: LookedAt, filter: ImageFilter): Promise<OpenSelection> {
  const dataset = await keptOpen(at.dataset)
  const split = dataset.splits[at.split]
  if (!split) {
    const message = `The data set has no split '${at.split}'`
    throw new AppError('not-found', message, { field: 'split', value: at.split })
  }
  const { id, labelsPath } = at.dataset
  const where = [id, at.indexVersion, at.split]
  const known = await factsOf(at)
  const broken = new Map(
    known?.broken.filter(each => each.split === at.split).map(each => [each.index, each.problem]),
  )
  const facts = known?.splits.find(({ name }) => name === at.split) ?? null
  const tags = await remember(['tags', ...where, at.tagsPath], () => tagsOf(at, split))
  const indices = await remember(
    ['indices', ...where, at.tagsPath, labelsPath, known?.writtenAt, filter],
    async () =>
      selectImages({ split, classes: dataset.classes, facts, broken: new Set(broken.keys()), tags }, filter),
  )
  return { dataset, split, facts, broken, tags, indices }
}

/** Read again whenever the file is written. */
async function factsOf({ factsPath, indexVersion, dataset: { id } }: LookedAt) {
  const writtenAt = (await stat(factsPath).catch(() => null))?.mtimeMs
  if (writtenAt === undefined) return null
  return remember(['facts', id, indexVersion, writtenAt], async () => {
    const facts = await readFacts(factsPath, indexVersion).catch(() => null)
    return facts && { ...facts, writtenAt }
  })
}

async function tagsOf(
  { tagsPath, split: name }: LookedAt,
  split: Split,
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (tagsPath === undefined) return new Map()
  const images = (JSON.parse(await readFile(tagsPath, 'utf8')) as Tags)[name] ?? []
  const places = placesOf(
    split,
    images.map(([index, image]) => ({ index, name: image })),
  )
  return new Map(images.map(([, , tags], at) => [places[at] as number, tags]))
}

async function remember<Value>(key: readonly unknown[], make: () => Promise<Value>): Promise<Value> {
  const text = JSON.stringify(key)
  const value = remembered.has(text) ? (remembered.get(text) as Value) : await make()
  remembered.delete(text)
  remembered.set(text, value)
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break
    remembered.delete(oldest)
  }
  return value
}
