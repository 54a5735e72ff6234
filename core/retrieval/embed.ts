/** Embeds the images of a split. */
import { forEachBatch, type BatchWatcher } from '../evaluation/forEachBatch.ts'
import { openViews, type ViewsOrder } from '../evaluation/openViews.ts'
import type { Network } from '../evaluation/network.ts'
import type { ViewSource } from '../evaluation/viewSource.ts'
import type { SplitName } from '../datasets/shared/reader.ts'
import { memoryWriter, type Embeddings, type EmbeddingWriter } from './embeddings.ts'
import { unitLength, type Projection } from './normalise.ts'

export interface EmbedOrder extends ViewsOrder {
  /** Unit length when left out. */
  readonly projection?: Projection | undefined
  /** Into memory when left out. */
  readonly writer?: EmbeddingWriter | undefined
}

export interface Embedded {
  readonly embeddings: Embeddings
  readonly split: SplitName
  /** Images left out because they cannot be decoded. */
  readonly skippedCount: number
}

/**
 * The pooled features before the classifier, of every image of a split in its order. Crops are averaged before they are projected.
 * @returns null when cancelled.
 * @throws what opening the data set and the network throw.
 */
export async function embed(order: EmbedOrder, watcher: BatchWatcher): Promise<Embedded | null> {
  const { source, split } = await openViews(order)
  const made = await embedSource(order.network, source, watcher, order)
  return made === null ? null : { ...made, split }
}

/** The same for the images of an open source, which is closed. */
export async function embedSource(
  network: Network,
  source: ViewSource,
  watcher: BatchWatcher,
  { projection = unitLength, writer = memoryWriter() }: Pick<EmbedOrder, 'projection' | 'writer'>,
): Promise<Omit<Embedded, 'split'> | null> {
  let width = 0
  let isDone = false
  try {
    const skippedCount = await forEachBatch(network, source, 'embedding', watcher, async output => {
      const rows = meanOfViews(output.values, output.width, output.batch.views)
      width = projection.width(output.width)
      await writer.append(
        await projection.apply(rows, output.width),
        output.batch.indices,
        output.batch.labels,
      )
    })
    if (skippedCount === null) return null
    isDone = true
    return { embeddings: await writer.finish(width), skippedCount }
  } finally {
    if (!isDone) await writer.abandon()
    await source.close()
  }
}

function meanOfViews(values: Float32Array, width: number, views: number): Float32Array {
  if (views === 1) return values
  const out = new Float32Array(values.length / views)
  for (let row = 0; row < out.length / width; row++)
    for (let view = 0; view < views; view++)
      for (let c = 0; c < width; c++)
        out[row * width + c]! += values[(row * views + view) * width + c]! / views
  return out
}
