/** Embeddings as points of a plane: by their two strongest principal components, or by UMAP. */
import { setImmediate } from 'node:timers/promises'
import { UMAP } from 'umap-js'
import type { Embeddings } from '../embeddings.ts'
import type { PhaseWatcher } from '../evaluateRetrieval.ts'
import { search } from '../search.ts'

/** Rows from which directions are learned, spread evenly. */
const sampleRows = 4096
const passes = 24
/** Directions that are followed so that the first two come out right. */
const followed = 4
const rowsAtOnce = 4096
/** Points that UMAP lays out; the others are put between their nearest ones among them. */
const laidOut = 10_000
const neighbours = 15
/** Nearest laid out points between which another is put. */
const between = 3
/** Queries that are searched at once. */
const queriesAtOnce = 256

/**
 * Coordinates by the two directions of most variance, found by power iteration on a sample.
 * @returns x and y of each row, [count · 2]; null when cancelled.
 * @source Golub and Van Loan, Matrix Computations, section 8.2.4 (orthogonal iteration).
 */
export async function principalPlane(
  embeddings: Embeddings,
  { progress, isCancelled }: PhaseWatcher,
): Promise<Float32Array | null> {
  const { count, width } = embeddings
  const sample = await evenly(embeddings, sampleRows)
  const mean = meanOf(sample, width)
  let axes = Array.from({ length: followed }, (_, seed) => seeded(width, seed + 1))
  for (let pass = 0; pass < passes; pass++) {
    axes = orthonormal(axes.map(axis => timesCovariance(sample, mean, axis)))
    progress('directions', pass + 1, passes)
    await setImmediate()
    if (isCancelled()) return null
  }
  const plane = axes.slice(0, 2)
  const out = new Float32Array(count * 2)
  for (let from = 0; from < count; from += rowsAtOnce) {
    const rows = await embeddings.rows(from, Math.min(from + rowsAtOnce, count))
    for (let at = 0; at * width < rows.length; at++)
      plane.forEach((axis, a) => (out[(from + at) * 2 + a] = along(rows, at * width, mean, axis)))
    progress('points', from, count)
    await setImmediate()
    if (isCancelled()) return null
  }
  return out
}

/**
 * Coordinates by UMAP over cosine distances, whose nearest neighbours are exact.
 * @returns [count · 2]; null when cancelled.
 * @source McInnes, Healy and Melville 2018, UMAP; umap-js is its authors' port by Google PAIR.
 */
export async function umapPlane(
  embeddings: Embeddings,
  { progress, isCancelled }: PhaseWatcher,
): Promise<Float32Array | null> {
  const { count, width } = embeddings
  const chosen = evenIndices(count, laidOut)
  const rows = await pick(embeddings, chosen)
  const sample: Embeddings = {
    ...{ count: chosen.length, width, indices: chosen, labels: chosen },
    rows: (from, to) => Promise.resolve(rows.subarray(from * width, to * width)),
    close: () => Promise.resolve(),
  }
  const near = Math.min(neighbours, chosen.length)
  const found = await nearest(
    rows,
    width,
    sample,
    near,
    done => progress('neighbours', done, chosen.length),
    isCancelled,
  )
  if (found === null) return null
  const umap = new UMAP({ nNeighbors: near, random: randomOf(42), minDist: 0.1 })
  umap.setPrecomputedKNN(
    found.map(hits => hits.map(({ row }) => row)),
    found.map(hits => hits.map(({ score }) => Math.max(0, 1 - score))),
  )
  // It reads the number of its points alone, as the neighbours are known.
  const epochs = umap.initializeFit(Array.from({ length: chosen.length }, () => [0]))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    progress('layout', epoch + 1, epochs)
    if (epoch % 4 === 0) await setImmediate()
    if (isCancelled()) return null
  }
  const layout = umap.getEmbedding()
  const out = new Float32Array(count * 2)
  chosen.forEach((row, at) => out.set(layout[at]!, row * 2))
  if (chosen.length === count) return out
  const isLaidOut = new Set(chosen)
  const others = Int32Array.from({ length: count }, (_, row) => row).filter(row => !isLaidOut.has(row))
  for (let from = 0; from < others.length; from += queriesAtOnce * 8) {
    const some = others.subarray(from, from + queriesAtOnce * 8)
    const hits = await nearest(await pick(embeddings, some), width, sample, between, () => {}, isCancelled)
    if (hits === null) return null
    some.forEach((row, at) => out.set(middleOf(hits[at]!, layout), row * 2))
    progress('points', from, others.length)
  }
  return out
}

type Hits = readonly { readonly row: number; readonly score: number }[]

async function nearest(
  rows: Float32Array,
  width: number,
  gallery: Embeddings,
  top: number,
  progress: (done: number) => void,
  isCancelled: () => boolean,
): Promise<Hits[] | null> {
  const out: Hits[] = []
  const count = rows.length / width
  for (let from = 0; from < count; from += queriesAtOnce) {
    const queries = rows.subarray(from * width, Math.min(from + queriesAtOnce, count) * width)
    const hits = await search(queries, gallery, top, undefined, isCancelled)
    if (hits === null) return null
    out.push(...hits)
    progress(from)
    await setImmediate()
  }
  return out
}

function middleOf(hits: Hits, layout: readonly (readonly number[])[]): [number, number] {
  const weights = hits.map(({ score }) => 1 / (1e-3 + Math.max(0, 1 - score)))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const at = (axis: number): number =>
    hits.reduce((total, { row }, k) => total + (weights[k]! / sum) * layout[row]![axis]!, 0)
  return [at(0), at(1)]
}

function evenIndices(count: number, most: number): Int32Array {
  const length = Math.min(count, most)
  return Int32Array.from({ length }, (_, at) => Math.floor((at * count) / length))
}

async function evenly(embeddings: Embeddings, most: number): Promise<Float32Array> {
  return pick(embeddings, evenIndices(embeddings.count, most))
}

async function pick({ rows, width }: Embeddings, chosen: Int32Array): Promise<Float32Array> {
  const out = new Float32Array(chosen.length * width)
  for (const [at, row] of chosen.entries()) out.set(await rows(row, row + 1), at * width)
  return out
}

function meanOf(rows: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width)
  for (let at = 0; at < rows.length; at++) mean[at % width]! += rows[at]!
  return mean.map(sum => sum / (rows.length / width))
}

function along(rows: Float32Array, start: number, mean: Float64Array, axis: Float64Array): number {
  let sum = 0
  for (let c = 0; c < axis.length; c++) sum += (rows[start + c]! - mean[c]!) * axis[c]!
  return sum
}

function timesCovariance(rows: Float32Array, mean: Float64Array, axis: Float64Array): Float64Array {
  const out = new Float64Array(axis.length)
  for (let start = 0; start < rows.length; start += axis.length) {
    const factor = along(rows, start, mean, axis)
    for (let c = 0; c < axis.length; c++) out[c]! += factor * (rows[start + c]! - mean[c]!)
  }
  return out
}

/** Gram and Schmidt; an axis without length becomes zero. */
function orthonormal(axes: readonly Float64Array[]): Float64Array[] {
  const out: Float64Array[] = []
  for (const axis of axes) {
    const rest = axis.slice()
    for (const before of out) {
      const share = rest.reduce((sum, value, c) => sum + value * before[c]!, 0)
      for (let c = 0; c < rest.length; c++) rest[c]! -= share * before[c]!
    }
    const length = Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0)) || 1
    out.push(rest.map(value => value / length))
  }
  return out
}

function seeded(width: number, seed: number): Float64Array {
  const random = randomOf(seed)
  return Float64Array.from({ length: width }, () => random() - 0.5)
}

/** mulberry32: the same map from the same embeddings. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
