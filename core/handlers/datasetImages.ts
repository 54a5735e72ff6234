/** The images of a data set to look at: pages of those that a filter chooses, measures of all, ground truth of queries. */
import type { Handlers, ImageFilter, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { TaskInput, TaskValue } from '../processes/protocol.ts'
import type { StoredDataset } from '../store/index.ts'
import { datasetRef, editsPath, factsPath, indexVersion } from './datasetViews.ts'
import type { Jobs } from './jobs.ts'
import type { DataFolders, Workbench } from './ports.ts'

type Calls = Handlers<WorkbenchContract>['datasets']
type ImageCalls = Pick<
  Calls,
  'browse' | 'thumbnails' | 'matching' | 'inspect' | 'statistics' | 'queries' | 'answers'
>
type Split = TaskInput<'browse'>['split']

/** Most indices that `matching` gives. */
const mostMatching = 100_000

/** Longer side of a small picture. */
const thumbnailPixels = 128

export function datasetImages({ store, supervisor, folders }: Workbench, jobs: Jobs): ImageCalls {
  const ready = (id: string): StoredDataset => readyDataset(store.datasets.get(id))
  return {
    async browse({ id, split, offset, limit, ...filter }) {
      const dataset = ready(id)
      const at = lookedAt(folders, dataset, split)
      const page = await supervisor.runTask('browse', { ...at, filter: filterOf(filter), offset, limit })
      const nameOf = (label: number): string => dataset.classes[label] ?? String(label)
      const items = page.items.map(({ scannedLabel, tags, ...item }) => ({
        ...item,
        className: nameOf(item.label),
        wasClassName: scannedLabel === item.label ? null : nameOf(scannedLabel),
        tags: [...tags],
        ...addresses(id, split, item.index),
      }))
      return { total: page.total, items }
    },
    async thumbnails({ id, split, indices }) {
      const dataset = datasetRef(folders, ready(id))
      const made = await supervisor.runTask('thumbnail', { dataset, split, indices, size: thumbnailPixels })
      return { images: made.map(({ index, bytes, type }) => ({ index, url: bytes && dataUrl(type, bytes) })) }
    },
    async matching({ id, split, ...filter }) {
      const at = lookedAt(folders, ready(id), split)
      const found = await supervisor.runTask('matching-images', {
        ...at,
        filter: filterOf(filter),
        limit: mostMatching,
      })
      return { total: found.total, indices: [...found.indices] }
    },
    inspect({ id, decodes }) {
      const dataset = ready(id)
      const input = {
        dataset: datasetRef(folders, dataset),
        factsPath: factsPath(folders, id),
        indexVersion: indexVersion(folders, id),
        decodes,
      }
      return jobs.start({
        kind: 'inspect',
        title: decodes ? `Checking the images of ${dataset.name}` : `Measuring the images of ${dataset.name}`,
        run: watch => supervisor.runTask('measure-images', input, watch),
      })
    },
    async statistics({ id }) {
      store.datasets.get(id)
      const input = { factsPath: factsPath(folders, id), indexVersion: indexVersion(folders, id) }
      const found = await supervisor.runTask('image-statistics', input)
      return found && { ...found, broken: [...found.broken], splits: found.splits.map(shown) }
    },
    async queries({ id, text, offset, limit }) {
      const dataset = datasetRef(folders, ready(id))
      const input = { dataset, text, offset, limit, query: null }
      const { protocol, total, queries } = await supervisor.runTask('retrieval-truth', input)
      return {
        protocol,
        total,
        queries: queries.map(query => ({ ...query, ...addresses(id, 'query', query.index) })),
      }
    },
    async answers({ id, query }) {
      const dataset = datasetRef(folders, ready(id))
      const input = { dataset, text: '', offset: 0, limit: 0, query }
      const { answers } = await supervisor.runTask('retrieval-truth', input)
      if (!answers) throw new AppError('not-found', `There is no query ${query}`, { value: query })
      const at = <Image extends { readonly index: number }>(split: Split, image: Image) => ({
        ...image,
        ...addresses(id, split, image.index),
      })
      const { easy, hard, junk, self, box, counts } = answers
      return {
        query: at('query', answers.query),
        box: box && [...box],
        self: self && at('gallery', self),
        easy: easy.map(image => at('gallery', image)),
        hard: hard.map(image => at('gallery', image)),
        junk: junk.map(image => at('gallery', image)),
        counts,
      }
    },
  }
}

function shown({ shorterSides, aspects, sizes, ...rest }: SplitStatistics) {
  const copied = ({ bounds, counts }: typeof aspects) => ({ bounds: [...bounds], counts: [...counts] })
  return { ...rest, shorterSides: copied(shorterSides), aspects: copied(aspects), sizes: [...sizes] }
}

type SplitStatistics = NonNullable<TaskValue<'image-statistics'>>['splits'][number]

export function readyDataset(dataset: StoredDataset): StoredDataset {
  if (dataset.status === 'ready') return dataset
  throw new AppError('conflict', `Data set '${dataset.name}' is not ready: ${dataset.status}`)
}

function lookedAt(folders: DataFolders, dataset: StoredDataset, split: Split) {
  const { id, name, splits, tagsVersion } = dataset
  if (!splits.some(each => each.name === split)) {
    const known = splits.map(each => each.name)
    const message = `Data set '${name}' has no split '${split}'. It has: ${known.join(', ')}`
    throw new AppError('not-found', message, { field: 'split', value: split, known })
  }
  return {
    dataset: datasetRef(folders, dataset),
    indexVersion: indexVersion(folders, id),
    split,
    factsPath: factsPath(folders, id),
    ...(tagsVersion === '' ? {} : { tagsPath: editsPath(folders, id, 'tags', tagsVersion) }),
  }
}

function filterOf({ label, text, tag, leastSide, mostSide, state, order }: ImageFilter): ImageFilter {
  return { label, text, tag, leastSide, mostSide, state, order }
}

function dataUrl(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`
}

function addresses(id: string, split: string, index: number) {
  const url = `/blobs/datasets/${id}/${split}/${index}`
  return { thumbnailUrl: `${url}/thumbnail`, imageUrl: `${url}/image` }
}
