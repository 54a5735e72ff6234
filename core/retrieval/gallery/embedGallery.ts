/** Embeds a gallery once for all powers of the ladder: the network runs once, and its last map is pooled in several ways. */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { openDataset } from '../../data/index.ts'
import type { DatasetRef, SplitName } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import type { Pooling } from '../../evaluation/activationMap.ts'
import { forEachBatch, type BatchWatcher } from '../../evaluation/forEachBatch.ts'
import { datasetFacts } from '../../evaluation/loaderOptions.ts'
import type { Network } from '../../evaluation/network.ts'
import { openViews } from '../../evaluation/openViews.ts'
import type { View } from '../../evaluation/view.ts'
import { classifierOf } from '../classifierOf.ts'
import { fileWriter, type EmbeddingWriter } from '../embeddings.ts'
import { normalised } from '../normalise.ts'
import type { Classifier } from '../whitening/whitening.ts'
import type { PhaseWatcher } from '../evaluateRetrieval.ts'
import { galleryFolder, powerFolder, readFacts, writeFacts, type GalleryFacts, type Power } from './files.ts'
import { ladder, ownPooling, pooled, poolingWith, withMaps } from './lastPooling.ts'

export interface GalleryOrder {
  readonly network: Network
  readonly dataset: DatasetRef
  readonly split: SplitName
  readonly view: View
  readonly cacheFolder: string
  /** Of everything that the embeddings depend on. */
  readonly key: string
}

/** Disk that the powers beside the network's own may take. */
const ladderBytes = 2 ** 30

/**
 * @returns what is there now; null when cancelled.
 * @throws AppError data-invalid when no image can be used; not-finite when the network's output is no number.
 */
export async function embedGallery(order: GalleryOrder, watcher: PhaseWatcher): Promise<GalleryFacts | null> {
  const known = await readFacts(order.cacheFolder, order.key)
  if (known) return known
  const { network, dataset: ref } = order
  const own = await ownPooling(network)
  const dataset = await openDataset(ref)
  try {
    const count = dataset.splits[order.split]?.count ?? 0
    const boxes = order.split === 'gallery' ? (dataset.retrieval?.queries ?? null) : null
    if (boxes) {
      const places = new Map(boxes.flatMap(({ query, box }) => (box ? [[query, box] as const] : [])))
      const queries = await run(order, own, 'query', 'queries', [], watcher, index => {
        const box = places.get(index)
        return box ? { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] } : null
      })
      if (queries === null) return null
    }
    const gallery = await run(order, own, order.split, 'p', powersFor(own, count, order), watcher)
    if (gallery === null) return null
    const facts = { key: order.key, ownPower: own?.power ?? null, ...gallery }
    await writeFacts(order.cacheFolder, facts)
    return facts
  } finally {
    await dataset.close()
  }
}

/** The ladder where it does not take too much of the disk. */
function powersFor(own: Pooling | null, count: number, { network }: GalleryOrder): readonly number[] {
  if (own === null) return []
  const [height, width] = network.checkpoint.state.inputShape
  const { graph } = network.at(height, width)
  const channels = graph.nodes.find(({ name }) => name === graph.outputs['embedding'])?.shape.at(-1) ?? 0
  return count * channels * 4 * ladder.length <= ladderBytes ? ladder : []
}

async function run(
  { network, dataset, split: gallery, view, cacheFolder, key }: GalleryOrder,
  own: Pooling | null,
  split: SplitName,
  kind: 'p' | 'queries',
  powers: readonly number[],
  { progress, isCancelled }: PhaseWatcher,
  boxOf?: (index: number) => { x: number; y: number; width: number; height: number } | null,
) {
  const folder = galleryFolder(cacheFolder, key)
  // The queries are few: all their powers are kept whatever the gallery's are.
  const kept: readonly Power[] = ['own', ...(kind === 'queries' && own ? ladder : powers)]
  const writers = new Map<Power, EmbeddingWriter>()
  for (const power of kept) writers.set(power, await fileWriter(powerFolder(folder, power, kind), key))
  const facts = await datasetFacts(dataset, 0)
  const { source } = await openViews({ network, dataset, facts, split, view, boxOf })
  const classifier = kind === 'p' ? await classifierOf(network) : null
  const predicted: number[] = []
  const startedAt = performance.now()
  let width = 0
  let count = 0
  let isDone = false
  const watch: BatchWatcher = {
    progress: (done, total) =>
      progress(split === gallery ? 'embedding gallery' : 'embedding queries', done, total),
    isCancelled,
  }
  try {
    const seen = own ? withMaps(network) : network
    const skippedCount = await forEachBatch(seen, source, own ? 'map' : 'embedding', watch, async output => {
      const { indices, labels, count: images } = output.batch
      width = output.width
      count += images
      for (const power of kept) {
        const rows = own
          ? pooled(
              output.values,
              output.values.length / images / width,
              width,
              poolingWith(power === 'own' ? null : power, own),
            )
          : output.values
        if (!rows.every(Number.isFinite)) throw notFinite()
        if (power === 'own' && classifier)
          for (const label of classesOf(classifier, rows)) predicted.push(label)
        await writers.get(power)!.append(normalised(rows, width), indices, labels)
      }
      await setImmediate()
    })
    if (skippedCount === null) return null
    if (count === 0) throw new AppError('data-invalid', `None of the images of ${split} can be used`)
    for (const writer of writers.values()) await (await writer.finish(width)).close()
    isDone = true
    const msPerImage = (performance.now() - startedAt) / count
    return { count, width, skippedCount, powers, predicted, msPerImage }
  } finally {
    if (!isDone) for (const writer of writers.values()) await writer.abandon()
    await source.close()
  }
}

/** The likeliest class of each row. */
function classesOf({ weight, bias }: Classifier, rows: Float32Array): number[] {
  const width = weight.length / bias.length
  return Array.from({ length: rows.length / width }, (_, row) => {
    let [best, most] = [0, -Infinity]
    for (let k = 0; k < bias.length; k++) {
      let logit = bias[k]!
      for (let c = 0, at = k * width; c < width; c++, at++) logit += weight[at]! * rows[row * width + c]!
      if (logit > most) [best, most] = [k, logit]
    }
    return best
  })
}

function notFinite(): AppError {
  const message =
    'The network gives embeddings that are no numbers: its weights are damaged, or its training diverged. Choose another checkpoint'
  return new AppError('not-finite', message, { remedy: 'Choose another checkpoint' })
}
