/** How far weights have moved from one checkpoint to another. */
import { loadCheckpoint, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import type { StoredTensor } from '../checkpoints/safetensors.ts'
import { parseConfig } from '../experiment/index.ts'

/** Of one tensor, or of several taken as one vector. */
export interface Drift {
  /** Numbers in it. */
  readonly count: number
  /** Euclidean length of the difference, as a share of the first's length; null where the first is zero. */
  readonly relative: number | null
  /** Cosine between both, -1 to 1; null where either is zero. */
  readonly cosine: number | null
}

export interface ParameterDrift extends Drift {
  readonly name: string
  /** The layer it belongs to: its name without the last part. */
  readonly layer: string
  readonly shape: readonly number[]
  /** A running statistic, which no gradient moves. */
  readonly isBuffer: boolean
}

export interface WeightsDrift {
  /** Of all parameters together, buffers left out. */
  readonly whole: Drift
  /** From the input to the output, of their parameters alone. */
  readonly layers: readonly (Drift & { readonly name: string })[]
  readonly parameters: readonly ParameterDrift[]
  /** Tensors that cannot be compared, and why. */
  readonly unmatched: readonly {
    readonly name: string
    /** Shape in each; null where it is not there. */
    readonly first: readonly number[] | null
    readonly second: readonly number[] | null
  }[]
}

export interface DriftWatcher {
  progress(phase: string, done: number, total: number): void
  throwIfCancelled(): void
}

/**
 * Compares the weights that evaluations use: the moving average where the run validates it.
 * @param paths folders of two checkpoints
 * @throws AppError checkpoint-damaged, data-unreadable, and cancelled.
 */
export async function weightsDrift(
  paths: readonly [string, string],
  watcher: DriftWatcher,
): Promise<WeightsDrift> {
  watcher.progress('reading', 0, 2)
  const first = await loadCheckpoint(paths[0], { withOptimizer: false })
  watcher.throwIfCancelled()
  watcher.progress('reading', 1, 2)
  const second = await loadCheckpoint(paths[1], { withOptimizer: false })
  watcher.throwIfCancelled()
  return driftOf(evaluatedWeights(first), evaluatedWeights(second), watcher)
}

/** The same for tensors that are in memory. They lie in the order of the network. */
export function driftOf(
  first: ReadonlyMap<string, StoredTensor>,
  second: ReadonlyMap<string, StoredTensor>,
  watcher: DriftWatcher,
): WeightsDrift {
  const parameters: ParameterDrift[] = []
  const unmatched: WeightsDrift['unmatched'][number][] = []
  const ofLayers = new Map<string, Sums>()
  const whole = emptySums()
  let done = 0
  for (const [name, tensor] of first) {
    watcher.throwIfCancelled()
    watcher.progress('comparing', ++done, first.size)
    const other = second.get(name)
    if (!other || other.shape.join() !== tensor.shape.join()) {
      unmatched.push({ name, first: tensor.shape, second: other?.shape ?? null })
      continue
    }
    const sums = sumsOf(floats(tensor), floats(other))
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('.'))) || name
    const isBuffer = /\.running_(mean|var)$/.test(name)
    parameters.push({ name, layer, shape: tensor.shape, isBuffer, ...figuresOf(sums) })
    if (isBuffer) continue
    add(whole, sums)
    const ofLayer = ofLayers.get(layer) ?? emptySums()
    add(ofLayer, sums)
    ofLayers.set(layer, ofLayer)
  }
  for (const [name, { shape }] of second)
    if (!first.has(name)) unmatched.push({ name, first: null, second: shape })
  const layers = [...ofLayers].map(([name, sums]) => ({ name, ...figuresOf(sums) }))
  return { whole: figuresOf(whole), layers, parameters, unmatched }
}

function evaluatedWeights({ state, model, average }: LoadedCheckpoint): LoadedCheckpoint['model'] {
  return parseConfig(state.config).training.ema.evaluate && average ? average : model
}

interface Sums {
  count: number
  /** Squares of the first, of the second and of the difference, and the product of both. */
  first: number
  second: number
  difference: number
  product: number
}

function emptySums(): Sums {
  return { count: 0, first: 0, second: 0, difference: 0, product: 0 }
}

function sumsOf(a: Float32Array, b: Float32Array): Sums {
  const sums = emptySums()
  sums.count = a.length
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    const y = b[i]!
    sums.first += x * x
    sums.second += y * y
    sums.difference += (y - x) * (y - x)
    sums.product += x * y
  }
  return sums
}

function add(to: Sums, from: Sums): void {
  for (const key of ['count', 'first', 'second', 'difference', 'product'] as const) to[key] += from[key]
}

function figuresOf({ count, first, second, difference, product }: Sums): Drift {
  const relative = finite(Math.sqrt(difference / first))
  const cosine = finite(product / Math.sqrt(first * second))
  return { count, relative, cosine: cosine === null ? null : Math.max(-1, Math.min(1, cosine)) }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** A copy, as the stored bytes need not lie at a multiple of four. */
function floats({ bytes }: StoredTensor): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}
