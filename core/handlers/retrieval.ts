/** Searching by embeddings: names what is meant, and leaves the rest to workers. */
import type { Gallery, Handlers, SearchPower, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { GalleryPlace, GalleryState } from '../processes/galleryTasks.ts'
import type { TaskValue } from '../processes/protocol.ts'
import { imagePlace } from './checkpointImages.ts'
import { imageUrl } from './comparisonFiles.ts'
import { datasetRef, indexVersion } from './datasetViews.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'
import type { Scanner } from './scanner.ts'

type Power = GalleryState['whitened'][number]

/** Sizes that are offered, as shares of the run's own. */
const sizeShares = [0.5, 0.75, 1, 1.25, 1.5, 2]

export function retrievalHandlers(
  workbench: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
  jobs: Jobs,
): Handlers<WorkbenchContract>['retrieval'] {
  const { supervisor } = workbench
  const { placeOf, titleOf } = places(workbench, scanner)
  return {
    async state(gallery) {
      const { place, own, total, sizes } = placeOf(gallery)
      const asked = [place.size, ...sizes.map(size => (size === own ? null : size))]
      const { states, pace } = await supervisor.runTask('gallery-state', {
        places: asked.map(size => ({ ...place, size })),
      })
      const estimate = (size: number | null): number | null =>
        pace && Math.round(pace.msPerImage * total * ((size ?? own) / (pace.size ?? own)) ** 2)
      const [state, ...others] = states
      return {
        ...viewOf(state!),
        total,
        sizes: sizes.map((size, at) => ({
          ...{ size, isOwn: size === own, isReady: others[at]!.isReady },
          estimateMs: estimate(size),
        })),
        estimateMs: estimate(place.size),
      }
    },
    open(gallery) {
      const { place } = placeOf(gallery)
      return jobs.start({
        kind: 'retrieval-embed',
        title: titleOf(gallery),
        run: async watch => {
          await supervisor.runTask('gallery-embed', place, watch)
          return {}
        },
      })
    },
    whiten({ gallery, power }) {
      const { place } = placeOf(gallery)
      return jobs.start({
        kind: 'retrieval-whiten',
        title: titleOf(gallery),
        run: watch => supervisor.runTask('gallery-whiten', { ...place, power: powerOf(power) }, watch),
      })
    },
    async query({ gallery, power, image, ...rest }) {
      const { place, dataset } = placeOf(gallery)
      const from = await imagePlace(workbench, image)
      const input = { ...place, ...rest, power: powerOf(power), image: from }
      const { query, hits, ...made } = await supervisor.runTask('gallery-query', input)
      const nameOf = (label: number): string => dataset.classes[label] ?? ''
      const own = 'uploadId' in image ? null : imageUrl(image.datasetId, image.split, image.index)
      const upload = 'uploadId' in image ? `/blobs/uploads/${image.uploadId}` : ''
      return {
        ...made,
        ...{ rightRanks: [...made.rightRanks], difficulties: [...made.difficulties] },
        query: {
          ...query,
          className: query.label === null ? '' : nameOf(query.label),
          thumbnailUrl: own ? `${own}/thumbnail` : upload,
          imageUrl: own ? `${own}/image` : upload,
        },
        hits: hits.map(hit => {
          const url = imageUrl(gallery.datasetId, gallery.split, hit.index)
          const className = nameOf(hit.label)
          return { ...hit, className, thumbnailUrl: `${url}/thumbnail`, imageUrl: `${url}/image` }
        }),
      }
    },
    async match({ gallery, power, image, ...rest }) {
      const { place } = placeOf(gallery)
      const from = await imagePlace(workbench, image)
      const input = { ...place, ...rest, power: powerOf(power), image: from }
      const { score, query, hit, partners } = await supervisor.runTask('gallery-match', input)
      return { score, query: sideOf(query), hit: sideOf(hit), partners: partners && [...partners] }
    },
    judge({ gallery, power, whitening, most }) {
      const { place } = placeOf(gallery)
      const input = { ...place, power: powerOf(power), whitening, most }
      return jobs.start({
        kind: 'retrieval-judge',
        title: titleOf(gallery),
        run: watch => supervisor.runTask('gallery-judge', input, watch),
      })
    },
    map({ gallery, power, method }) {
      const { place } = placeOf(gallery)
      const input = { ...place, power: powerOf(power), method }
      return jobs.start({
        kind: 'retrieval-map',
        title: titleOf(gallery),
        run: watch => supervisor.runTask('gallery-map', input, watch),
      })
    },
    points({ gallery, power, method }) {
      const { place } = placeOf(gallery)
      return supervisor.runTask('gallery-points', { ...place, power: powerOf(power), method })
    },
  }
}

function places({ store, folders }: Workbench, scanner: Pick<Scanner, 'refuseWhileScanning'>) {
  const titleOf = ({ checkpointId, datasetId, split }: Gallery): string => {
    const { runId, name } = store.checkpoints.get(checkpointId)
    return `${store.runs.get(runId).name} · ${name} · ${store.datasets.find(datasetId).name} (${split})`
  }
  const placeOf = ({ checkpointId, datasetId, split, size, resize }: Gallery) => {
    const checkpoint = store.checkpoints.get(checkpointId)
    const dataset = store.datasets.find(datasetId)
    scanner.refuseWhileScanning(datasetId)
    const found = dataset.splits.find(({ name }) => name === split)
    if (!found) {
      const known = dataset.splits.map(({ name }) => name).join(', ')
      const message = `Data set '${dataset.name}' has no split '${split}'. It has: ${known}`
      throw new AppError('not-found', message, { split })
    }
    const own = ownSize(store.runs.details(checkpoint.runId).config)
    const place: GalleryPlace = {
      ...{ checkpointPath: checkpoint.path, dataset: datasetRef(folders, dataset), split, resize },
      indexVersion: indexVersion(folders, datasetId),
      // The run's own size is one gallery, however it is named.
      size: size === own && resize === 'square' ? null : size,
      cacheFolder: folders.cache,
    }
    return { place, dataset, own, total: found.count, sizes: sizesOf(own) }
  }
  return { placeOf, titleOf }
}

/** Multiples of 32 for larger images, of 4 for small ones. */
function sizesOf(own: number): number[] {
  const step = own >= 64 ? 32 : 4
  const sizes = sizeShares.map(share => (share === 1 ? own : Math.round((own * share) / step) * step))
  return [...new Set(sizes)].filter(size => size >= 8 && size <= 2048).sort((a, b) => a - b)
}

function ownSize(config: Readonly<Record<string, unknown>>): number {
  const size = (config['input'] as { readonly size?: unknown } | undefined)?.size
  return typeof size === 'number' ? size : 224
}

function powerOf(power: SearchPower): Power {
  return power === 'max' ? Infinity : power
}

function shownPower(power: Power): SearchPower {
  return power === Infinity ? 'max' : power
}

function viewOf({ ownPower, powers, whitened, ...state }: GalleryState) {
  return {
    ...state,
    ownPower: ownPower === Infinity ? ('max' as const) : ownPower,
    powers: powers.map(shownPower),
    whitened: whitened.map(shownPower),
  }
}

function sideOf({ shares, region, ...side }: TaskValue<'gallery-match'>['query']) {
  return { ...side, shares: [...shares], region: { ...region } }
}
