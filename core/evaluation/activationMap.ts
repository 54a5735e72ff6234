/**
 * Where in an image a network sees a class: each place's share in the class's logit. For a network that ends in one pooling and one
 * dense layer the shares add up to the logit without its bias, exactly for mean and GeM pooling.
 *
 * @source Zhou et al. 2016, Learning Deep Features for Discriminative Localization (mean pooling); Draelos and Carin 2020, Use HiResCAM
 * instead of Grad-CAM: the gradient times the map, place by place, which is CAM for mean pooling.
 */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { createExecutor, type Executor, type Graph, type GraphNode } from '../graph/index.ts'

/** How the last map became an embedding: p of the generalised mean, 1 for the mean, Infinity for the maximum. */
export interface Pooling {
  readonly power: number
  /** Values below it are raised to it, and have no gradient; GeM's 1e-6, 0 for the mean. */
  readonly floor: number
}

const gemFloor = 1e-6

export interface ActivationMap {
  readonly height: number
  readonly width: number
  /** Shares in the logit, row-major [height, width]; negative ones speak against the class. */
  readonly shares: Float32Array
  /** [classCount] */
  readonly logits: Float32Array
  readonly label: number
}

/**
 * @param images one image as the network takes it, [1,H,W,C]; the caller disposes of it
 * @param label the class that is looked for; null: the likeliest
 * @throws AppError invalid-request for a class that is none, or a network that ends in something else.
 */
export async function activationMap(
  executor: Executor,
  images: tf.Tensor4D,
  label: number | null,
): Promise<ActivationMap> {
  const { graph, parameters } = executor
  const { pool, classifier, map } = endOf(graph)
  const seen = withMap(executor, map.name).predict(images, ['logits', 'map'])
  try {
    const logits = (await seen['logits']!.data()) as Float32Array
    const chosen = label ?? logits.reduce((best, z, k) => (z > logits[best]! ? k : best), 0)
    if (chosen >= logits.length) {
      const message = `label: expected a class from 0 to ${logits.length - 1}, got ${chosen}`
      throw new AppError('invalid-request', message, { field: 'label', value: chosen })
    }
    const values = (await seen['map']!.data()) as Float32Array
    const weights = await column(parameters.get(`${classifier.name}.weight`), chosen)
    const [height = 1, width = 1] = map.shape
    const shares = sharesOf(values, height * width, weights, await poolingOf(pool, executor))
    return { height, width, shares, logits, label: chosen }
  } finally {
    tf.dispose(Object.values(seen))
  }
}

/**
 * Each place's share in one logit: Σ_c ∂logit/∂x · x.
 * @param map [places, channels]
 * @param weights of the class, [channels]
 */
export function sharesOf(
  map: Float32Array,
  places: number,
  weights: Float32Array,
  { power, floor }: Pooling,
): Float32Array {
  const channels = weights.length
  const shares = new Float64Array(places)
  for (let c = 0; c < channels; c++) {
    const factor = channelShares(map, c, channels, places, power, floor)
    for (let place = 0; place < places; place++)
      shares[place]! += weights[c]! * factor(map[place * channels + c]!)
  }
  return Float32Array.from(shares)
}

/** What a value of a channel adds to the channel's pooled value. */
function channelShares(
  map: Float32Array,
  c: number,
  channels: number,
  places: number,
  power: number,
  floor: number,
): (x: number) => number {
  if (power === 1 && floor === 0) return x => x / places
  if (power === Infinity) {
    let most = -Infinity
    let ties = 0
    for (let at = c; at < map.length; at += channels) {
      const x = map[at]!
      if (x === most) ties++
      else if (x > most) [most, ties] = [x, 1]
    }
    return x => (x === most ? x / ties : 0)
  }
  let sum = 0
  for (let at = c; at < map.length; at += channels) sum += Math.max(map[at]!, floor) ** power
  const pooled = (sum / places) ** (1 / power)
  return x => (x >= floor ? (pooled ** (1 - power) * x ** power) / places : 0)
}

/** Negative shares are left out, and the largest is 1; zeros where nothing speaks for the class. */
export function asHeat(shares: Float32Array): Float32Array {
  const most = shares.reduce((largest, share) => Math.max(largest, share), 0)
  return shares.map(share => (most > 0 ? Math.max(0, share) / most : 0))
}

function endOf(graph: Graph): {
  readonly pool: GraphNode
  readonly classifier: GraphNode
  readonly map: GraphNode
} {
  const nodes = new Map(graph.nodes.map(node => [node.name, node]))
  const before = (node: GraphNode | undefined): GraphNode | undefined => nodes.get(node?.inputs[0] ?? '')
  const classifier = nodes.get(graph.outputs['logits'] ?? '')
  let pool = before(classifier)
  while (pool?.op === 'dropout') pool = before(pool)
  const map = before(pool)
  if (classifier?.op === 'dense' && map && (pool?.op === 'global_avg_pool' || pool?.op === 'gem'))
    return { pool, classifier, map }
  const message = `${graph.name}: an activation map needs a network that ends in a pooling and one dense layer`
  throw new AppError('invalid-request', message, { field: 'label' })
}

const executorsWithMap = new WeakMap<Executor, Executor>()

/** The same network, which also gives its last map. */
export function withMap(executor: Executor, map: string): Executor {
  const known = executorsWithMap.get(executor)
  if (known) return known
  const graph = { ...executor.graph, outputs: { ...executor.graph.outputs, map } }
  const made = createExecutor(graph, { seed: 0, precision: executor.precision, share: executor })
  executorsWithMap.set(executor, made)
  return made
}

export async function poolingOf(pool: GraphNode, { parameters }: Executor): Promise<Pooling> {
  if (pool.op === 'global_avg_pool') return { power: 1, floor: 0 }
  const { p, isLearned } = pool.attributes as { readonly p: number; readonly isLearned: boolean }
  if (!isLearned) return p === 1 ? { power: 1, floor: 0 } : { power: p, floor: gemFloor }
  const [power = p] = await parameters.get(`${pool.name}.p`).data()
  return { power, floor: gemFloor }
}

/** @param weight [channels, classes] */
async function column(weight: tf.Tensor, k: number): Promise<Float32Array> {
  const classes = weight.shape[1]!
  const values = await weight.data()
  return Float32Array.from({ length: weight.shape[0]! }, (_, c) => values[c * classes + k]!)
}
