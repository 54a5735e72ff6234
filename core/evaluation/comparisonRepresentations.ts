/** What networks make of the same images, layer by layer, and how alike it is. */
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { createExecutor, type Executor, type Graph } from '../graph/index.ts'
import { alignment, independence, keptNeighbours } from './comparisonAlignment.ts'
import { milestones } from './comparisonLayers.ts'
import { imageTensor } from './imageTensor.ts'
import type { Network } from './network.ts'
import type { ViewSource } from './viewSource.ts'

/** A network's view of some images. */
export interface Representation {
  /** Images in their split, ascending; those that cannot be decoded are missing. */
  readonly indices: Int32Array
  readonly layers: readonly LayerFeatures[]
}

export interface LayerFeatures {
  readonly name: string
  /** What evaluation calls it: `embedding`, `logits`; null for the others. */
  readonly role: string | null
  /** Features of an image, after the mean over places. */
  readonly width: number
  /** [indices.length · width] */
  readonly rows: Float32Array
}

export interface RepresentationWatcher {
  progress(done: number, total: number): void
  throwIfCancelled(): void
}

/** Layers of a network that are compared, at most. */
const mostLayers = 20

/** Runs the images of a source through a network and keeps each layer's mean over places. The source is closed. */
export async function representationOf(
  network: Network,
  source: ViewSource,
  watcher: RepresentationWatcher,
): Promise<Representation> {
  const parts: { indices: Int32Array; rows: Float32Array[] }[] = []
  const executors = new Map<string, Executor>()
  let graph: Graph | null = null
  let names: string[] = []
  let done = 0
  try {
    for (;;) {
      watcher.throwIfCancelled()
      const batch = await source.next(() => false)
      if (batch === null || batch === 'given-up') break
      done += batch.count + batch.bad.length
      if (batch.count > 0) {
        const { height, width, count, bytes } = batch
        const key = `${height}x${width}`
        const executor = executors.get(key) ?? tap(network, height, width)
        executors.set(key, executor)
        graph ??= executor.graph
        names = layersOf(executor.graph)
        const { config, precision } = network
        const shown = { images: bytes, count, height, width }
        const images = imageTensor(shown, config.input, precision.storage) // [B,H,W,C]
        const indices = batch.indices.slice()
        batch.release()
        parts.push({ indices, rows: await meansOver(executor, images, names) })
      }
      watcher.progress(done, source.sampleCount)
      await setImmediate()
    }
  } finally {
    await source.close()
  }
  if (graph === null) throw new AppError('data-invalid', 'None of the images can be decoded')
  return joined(parts, names, graph)
}

const mark = 'layer:'

/** The network with the ends of its blocks as outputs; it shares the network's weights. */
function tap(network: Network, height: number, width: number): Executor {
  const share = network.at(height, width)
  const { graph } = share
  const layers = milestones(graph, mostLayers).map(name => [`${mark}${name}`, name])
  const outputs = { ...graph.outputs, ...Object.fromEntries(layers) } as Graph['outputs']
  return createExecutor({ ...graph, outputs }, { seed: 0, precision: network.precision, share })
}

function layersOf({ outputs }: Graph): string[] {
  return Object.keys(outputs).filter(role => role.startsWith(mark))
}

async function meansOver(
  executor: Executor,
  images: tf.Tensor4D,
  roles: readonly string[],
): Promise<Float32Array[]> {
  const outputs = executor.predict(images, roles)
  const means = roles.map(role => {
    const output = outputs[role]!
    return tf.tidy(() => (output.rank === 4 ? tf.mean(output, [1, 2]) : output.clone())) // [B,C]
  })
  try {
    return await Promise.all(means.map(async mean => (await mean.data()).slice() as Float32Array))
  } finally {
    tf.dispose([images, ...Object.values(outputs), ...means])
  }
}

function joined(
  parts: readonly { readonly indices: Int32Array; readonly rows: readonly Float32Array[] }[],
  roles: readonly string[],
  graph: Graph,
): Representation {
  const indices = Int32Array.from(parts.flatMap(part => [...part.indices]))
  const roleOf = new Map(Object.entries(graph.outputs).map(([role, node]) => [node, role] as const))
  for (const role of ['embedding', 'logits']) {
    const node = graph.outputs[role]
    if (node !== undefined) roleOf.set(node, role)
  }
  const layers = roles.map((role, at) => {
    const rows = new Float32Array(parts.reduce((sum, part) => sum + part.rows[at]!.length, 0))
    let offset = 0
    for (const part of parts) {
      rows.set(part.rows[at]!, offset)
      offset += part.rows[at]!.length
    }
    const name = role.slice(mark.length)
    const known = roleOf.get(name)
    const named = known === 'embedding' || known === 'logits' ? known : null
    return { name, role: named, width: rows.length / indices.length, rows }
  })
  return { indices, layers }
}

export interface RepresentationDrift {
  /** Images that were compared. */
  readonly imageCount: number
  readonly first: readonly Pick<LayerFeatures, 'name' | 'role' | 'width'>[]
  readonly second: readonly Pick<LayerFeatures, 'name' | 'role' | 'width'>[]
  /** Linear CKA of each layer of the first (row) with each of the second, -1 to 1; null without variance. */
  readonly alignment: readonly (readonly (number | null)[])[]
  /** Null where a network has no embedding. */
  readonly embedding: {
    /** Mean cosine between both embeddings of an image; null where their widths differ. */
    readonly cosine: number | null
    /** Neighbours that are looked at. */
    readonly neighbours: number
    /** Mean share of an image's nearest neighbours that stay. */
    readonly kept: number
    /** Those whose neighbours changed most. */
    readonly moved: readonly {
      readonly index: number
      readonly kept: number
      readonly cosine: number | null
    }[]
  } | null
}

const neighbourCount = 10
const mostMoved = 60
/** Below so many images the estimate does not exist. */
const fewestImages = 4

/** @throws AppError data-invalid when too few images could be decoded by both. */
export function representationDrift(one: Representation, other: Representation): RepresentationDrift {
  const places = common(one.indices, other.indices)
  const count = places.length
  if (count < fewestImages) {
    const message = `Comparing layers needs ${fewestImages} images that can be decoded, got ${count}`
    throw new AppError('data-invalid', message, { expected: fewestImages, got: count })
  }
  const firstRows = places.map(([at]) => at)
  const secondRows = places.map(([, at]) => at)
  const firstGrams = one.layers.map(layer => gram(centred(layer, firstRows)))
  const secondGrams = other.layers.map(layer => gram(centred(layer, secondRows)))
  const firstOwn = firstGrams.map(each => independence(each, each, count))
  const secondOwn = secondGrams.map(each => independence(each, each, count))
  const table = firstGrams.map((each, i) =>
    secondGrams.map((theirs, j) =>
      finite(alignment(each, theirs, count, { first: firstOwn[i]!, second: secondOwn[j]! })),
    ),
  )
  const summary = ({ name, role, width }: LayerFeatures) => ({ name, role, width })
  return {
    imageCount: count,
    first: one.layers.map(summary),
    second: other.layers.map(summary),
    alignment: table,
    embedding: embeddingDrift(one, other, firstRows, secondRows),
  }
}

function embeddingDrift(
  one: Representation,
  other: Representation,
  firstRows: readonly number[],
  secondRows: readonly number[],
): RepresentationDrift['embedding'] {
  const embedding = ({ layers }: Representation) => layers.find(({ role }) => role === 'embedding')
  const [first, second] = [embedding(one), embedding(other)]
  if (!first || !second) return null
  const a = unit(first, firstRows)
  const b = unit(second, secondRows)
  const count = firstRows.length
  const neighbours = Math.min(neighbourCount, count - 1)
  const kept = keptNeighbours(gram(a), gram(b), count, neighbours)
  const cosines = a.width === b.width ? rowProducts(a, b) : null
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, each) => sum + each, 0) / values.length
  const moved = firstRows
    .map((row, at) => ({ index: one.indices[row]!, kept: kept[at]!, cosine: cosines?.[at] ?? null }))
    .sort((x, y) => x.kept - y.kept || (x.cosine ?? 0) - (y.cosine ?? 0) || x.index - y.index)
  return {
    cosine: cosines && mean(cosines),
    neighbours,
    kept: mean(kept),
    moved: moved.slice(0, mostMoved),
  }
}

/** Places of the images that both have, as pairs of rows. */
function common(one: Int32Array, other: Int32Array): [number, number][] {
  const rowOf = new Map(Array.from(other, (index, row) => [index, row] as const))
  return Array.from(one, (index, row) => [row, rowOf.get(index)] as const).filter(
    (pair): pair is [number, number] => pair[1] !== undefined,
  )
}

interface Rows {
  readonly values: Float64Array
  readonly width: number
  readonly count: number
}

function chosen({ rows, width }: LayerFeatures, places: readonly number[]): Rows {
  const values = new Float64Array(places.length * width)
  places.forEach((row, at) => values.set(rows.subarray(row * width, (row + 1) * width), at * width))
  return { values, width, count: places.length }
}

function centred(layer: LayerFeatures, places: readonly number[]): Rows {
  const made = chosen(layer, places)
  const { values, width, count } = made
  for (let c = 0; c < width; c++) {
    let mean = 0
    for (let row = 0; row < count; row++) mean += values[row * width + c]! / count
    for (let row = 0; row < count; row++) values[row * width + c]! -= mean
  }
  return made
}

function unit(layer: LayerFeatures, places: readonly number[]): Rows {
  const made = chosen(layer, places)
  const { values, width, count } = made
  for (let row = 0; row < count; row++) {
    const own = values.subarray(row * width, (row + 1) * width)
    const length = Math.sqrt(own.reduce((sum, each) => sum + each * each, 0))
    if (length > 0) own.forEach((each, c) => (own[c] = each / length))
  }
  return made
}

/** Inner products of all pairs of rows. */
function gram({ values, width, count }: Rows): Float64Array {
  const products = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      let sum = 0
      for (let c = 0; c < width; c++) sum += values[i * width + c]! * values[j * width + c]!
      products[i * count + j] = sum
      products[j * count + i] = sum
    }
  }
  return products
}

function rowProducts(a: Rows, b: Rows): Float64Array {
  return Float64Array.from({ length: a.count }, (_, row) => {
    let sum = 0
    for (let c = 0; c < a.width; c++) sum += a.values[row * a.width + c]! * b.values[row * a.width + c]!
    return sum
  })
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
