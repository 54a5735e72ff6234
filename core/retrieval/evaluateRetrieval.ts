/** Evaluates a checkpoint by retrieval: embeds queries and gallery, whitens them if asked, and judges the ranking. */
import { openDataset } from '../data/index.ts'
import type { DatasetRef, OpenDataset, SplitName } from '../datasets/shared/reader.ts'
import type { RetrievalTruth } from '../datasets/shared/retrievalTruth.ts'
import { datasetFacts, type DatasetFacts } from '../evaluation/loaderOptions.ts'
import { openNetwork, type Network, type WeightsChoice } from '../evaluation/network.ts'
import type { StartBackend } from '../evaluation/startForRun.ts'
import type { View } from '../evaluation/view.ts'
import type { Box } from '../transforms/shared/resample.ts'
import { classifierOf } from './classifierOf.ts'
import { embed, type Embedded } from './embed.ts'
import type { Embeddings } from './embeddings.ts'
import { unitLength, type Projection } from './normalise.ts'
import { classTruth } from './protocols.ts'
import { retrieve, type RetrievalOutcome } from './retrieve.ts'
import { principalComponents } from './whitening/principal.ts'
import {
  beforeWhitening,
  foldClassifier,
  whitened,
  whiteningOf,
  type Whitening,
} from './whitening/whitening.ts'
import { writeWhitening } from './whitening/file.ts'

export interface RetrievalEvaluationOrder {
  readonly checkpointPath: string
  readonly dataset: DatasetRef
  /** Split whose images are searched for each other, for data without ground truth of its own; null: the run's validation images. */
  readonly split: SplitName | null
  /** Split of the images that are found, where it is not the queries' own. */
  readonly gallery?: SplitName | null | undefined
  readonly view?: View | undefined
  readonly batchSize?: number | undefined
  readonly weights?: WeightsChoice | undefined
  readonly power?: number | undefined
  /** Learn a whitening from this split. */
  readonly whiten?: SplitName | null | undefined
  /** Where the whitening is written; nowhere when left out. */
  readonly whiteningPath?: string | undefined
  /** At most so many queries, spread evenly. */
  readonly queries?: number | null | undefined
  readonly startBackend: StartBackend
}

export interface RetrievalEvaluation extends RetrievalOutcome {
  readonly split: SplitName
  readonly protocol: RetrievalTruth['protocol']
  /** Images of the gallery. */
  readonly imageCount: number
  readonly skippedCount: number
  /** Names of the images in `results`, by index, as far as they occur. */
  readonly queryNames: Readonly<Record<number, string>>
  readonly galleryNames: Readonly<Record<number, string>>
}

export interface PhaseWatcher {
  progress(phase: string, done: number, total: number): void
  readonly isCancelled: () => boolean
}

/**
 * @returns null when cancelled.
 * @throws AppError invalid-request, data-invalid when there is nothing to find, and what opening checkpoint and data set throws.
 */
export async function evaluateRetrieval(
  order: RetrievalEvaluationOrder,
  watcher: PhaseWatcher,
): Promise<RetrievalEvaluation | null> {
  const network = await openNetwork(order.checkpointPath, order)
  const dataset = await openDataset(order.dataset)
  const opened: Embeddings[] = []
  try {
    const facts = await datasetFacts(order.dataset, 0)
    const setting = { order, network, facts, watcher, opened }
    const projection = await projectionOf(setting)
    if (projection === null) return null
    const made = await (dataset.retrieval && isOwn(order)
      ? ownTruth(setting, dataset.retrieval, projection)
      : truthOfClasses(setting, projection))
    if (made === null) return null
    const truth = limited(made.truth, order.queries)
    const outcome = await retrieve(
      { queries: made.queries.embeddings, gallery: made.gallery.embeddings, truth },
      {
        progress: (done, total) => watcher.progress('ranking', done, total),
        isCancelled: watcher.isCancelled,
      },
    )
    if (outcome === null) return null
    return {
      ...outcome,
      split: made.queries.split,
      protocol: truth.protocol,
      imageCount: made.gallery.embeddings.count,
      skippedCount: made.gallery.skippedCount,
      ...namesOf(outcome, dataset, made),
    }
  } finally {
    for (const embeddings of opened) await embeddings.close()
    await dataset.close()
    network.dispose()
  }
}

/** Whether nothing is asked for but the data set's own queries and gallery. */
function isOwn({ split, gallery }: RetrievalEvaluationOrder): boolean {
  return (split ?? 'query') === 'query' && (gallery ?? 'gallery') === 'gallery'
}

interface Setting {
  readonly order: RetrievalEvaluationOrder
  readonly network: Network
  readonly facts: DatasetFacts
  readonly watcher: PhaseWatcher
  /** Embeddings to be closed in the end. */
  readonly opened: Embeddings[]
}

interface Made {
  readonly truth: RetrievalTruth
  readonly queries: Embedded
  readonly gallery: Embedded
}

/** The data set's own ground truth, over its splits `query` and `gallery`. */
async function ownTruth(
  setting: Setting,
  truth: RetrievalTruth,
  projection: Projection,
): Promise<Made | null> {
  const boxes = new Map(
    truth.queries.flatMap(({ query, box }) => (box ? [[query, boxOf(box)] as const] : [])),
  )
  const queries = await embedded(setting, 'query', projection, 'queries', boxes.size > 0 ? boxes : null)
  const gallery = queries && (await embedded(setting, 'gallery', projection, 'gallery', null))
  return queries && gallery && { truth, queries, gallery }
}

/** Images of one class answer each other. */
async function truthOfClasses(setting: Setting, projection: Projection): Promise<Made | null> {
  const { split, gallery: other } = setting.order
  const queries = await embedded(setting, split, projection, 'images', null)
  if (queries === null) return null
  const gallery =
    other == null || other === queries.split
      ? queries
      : await embedded(setting, other, projection, 'gallery', null)
  return gallery && { truth: classTruth(queries.embeddings, gallery.embeddings), queries, gallery }
}

async function embedded(
  { order, network, facts, watcher, opened }: Setting,
  split: SplitName | null,
  projection: Projection,
  phase: string,
  boxes: ReadonlyMap<number, Box> | null,
): Promise<Embedded | null> {
  const { dataset, view = {}, batchSize } = order
  const made = await embed(
    {
      ...{ network, dataset, facts, split, view, batchSize, projection },
      boxOf: boxes ? index => boxes.get(index) ?? null : undefined,
    },
    {
      progress: (done, total) => watcher.progress(`embedding ${phase}`, done, total),
      isCancelled: watcher.isCancelled,
    },
  )
  if (made) opened.push(made.embeddings)
  return made
}

/** Unit length, or a whitening learned from a split. */
async function projectionOf(setting: Setting): Promise<Projection | null> {
  const { order, network, watcher } = setting
  if (order.whiten == null) return unitLength
  const learned = await embedded(setting, order.whiten, beforeWhitening(true), 'for whitening', null)
  const principal =
    learned &&
    (await principalComponents(learned.embeddings, {
      progress: (phase, done, total) => watcher.progress(`whitening: ${phase}`, done, total),
      isCancelled: watcher.isCancelled,
    }))
  if (!principal) return null
  const whitening = whiteningOf(principal, true)
  if (order.whiteningPath !== undefined) await store(order.whiteningPath, whitening, network, order)
  return whitened(whitening)
}

async function store(
  path: string,
  whitening: Whitening,
  network: Network,
  { whiten, view = {}, checkpointPath }: RetrievalEvaluationOrder,
): Promise<void> {
  const classifier = await classifierOf(network)
  const folded = classifier && foldClassifier(classifier, whitening)
  const metadata = {
    checkpoint: checkpointPath,
    split: String(whiten),
    size: String(view.size ?? network.config.input.size),
    resize: view.resize ?? 'square',
  }
  await writeWhitening(path, whitening, folded, metadata)
}

/** Every n-th query, where there are more than wanted. */
function limited(truth: RetrievalTruth, most: number | null | undefined): RetrievalTruth {
  const { queries } = truth
  if (most == null || queries.length <= most) return truth
  const chosen = Array.from({ length: most }, (_, at) => queries[Math.floor((at * queries.length) / most)]!)
  return { ...truth, queries: chosen }
}

function boxOf([left, top, right, bottom]: readonly [number, number, number, number]): Box {
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function namesOf({ results }: RetrievalOutcome, dataset: OpenDataset, { queries, gallery }: Made) {
  const named = (split: SplitName, indices: Iterable<number>): Record<number, string> =>
    Object.fromEntries([...new Set(indices)].map(index => [index, dataset.splits[split]!.name(index)]))
  return {
    queryNames: named(
      queries.split,
      results.map(({ query }) => query),
    ),
    galleryNames: named(
      gallery.split,
      results.flatMap(({ top }) => top.map(({ index }) => index)),
    ),
  }
}
