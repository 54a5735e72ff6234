/** How a network makes its embedding: from its last map by one pooling, where it does, so that other powers can be tried on the same map. */
import { poolingOf, withMap, type Pooling } from '../../evaluation/activationMap.ts'
import type { Network } from '../../evaluation/network.ts'
import type { Executor, GraphNode } from '../../graph/index.ts'

/** GeM raises smaller values to it. */
const gemFloor = 1e-6

/** Powers that are kept beside the network's own; Infinity is the maximum. */
export const ladder: readonly number[] = [1, 2, 3, 4, 5, 7, 10, Infinity]

/** The map that a network pools into its embedding; null where the embedding is anything but a pooled map. */
export function lastMap({ graph }: Executor): { readonly pool: GraphNode; readonly map: GraphNode } | null {
  const nodes = new Map(graph.nodes.map(node => [node.name, node]))
  let pool = nodes.get(graph.outputs['embedding'] ?? '')
  while (pool?.op === 'dropout') pool = nodes.get(pool.inputs[0] ?? '')
  const map = nodes.get(pool?.inputs[0] ?? '')
  return map && (pool?.op === 'global_avg_pool' || pool?.op === 'gem') ? { pool, map } : null
}

/** How the network itself pools. */
export async function ownPooling(network: Network): Promise<Pooling | null> {
  const [height, width] = network.checkpoint.state.inputShape
  const executor = network.at(height, width)
  const last = lastMap(executor)
  return last && poolingOf(last.pool, executor)
}

/** The network with one more output, `map`; shapes share the weights. */
export function withMaps(network: Network): Network {
  return {
    ...network,
    at(height, width) {
      const executor = network.at(height, width)
      return withMap(executor, lastMap(executor)!.map.name)
    },
  }
}

/** The pooling of a power of the ladder, or the network's own for null. Only GeM's floor goes with powers other than 1. */
export function poolingWith(power: number | null, own: Pooling): Pooling {
  if (power === null || power === own.power) return own
  return { power, floor: power === 1 || power === Infinity ? 0 : gemFloor }
}

/**
 * Generalised means over places.
 * @param maps row-major [count, places, channels]
 * @returns [count, channels]
 * @source Radenović et al. 2018, Fine-tuning CNN Image Retrieval with No Human Annotation, equation 3.
 */
export function pooled(
  maps: Float32Array,
  places: number,
  channels: number,
  { power, floor }: Pooling,
): Float32Array {
  const count = maps.length / (places * channels)
  const out = new Float32Array(count * channels)
  const sums = new Float64Array(channels)
  const raise = raisedTo(power)
  for (let image = 0; image < count; image++) {
    sums.fill(power === Infinity ? -Infinity : 0)
    for (let place = 0; place < places; place++) {
      const start = (image * places + place) * channels
      if (power === Infinity)
        for (let c = 0; c < channels; c++) sums[c] = Math.max(sums[c]!, maps[start + c]!)
      else if (power === 1 && floor === 0) for (let c = 0; c < channels; c++) sums[c]! += maps[start + c]!
      else for (let c = 0; c < channels; c++) sums[c]! += raise(Math.max(maps[start + c]!, floor))
    }
    for (let c = 0; c < channels; c++) {
      const mean = power === Infinity ? sums[c]! : sums[c]! / places
      out[image * channels + c] = power === Infinity || power === 1 ? mean : mean ** (1 / power)
    }
  }
  return out
}

/** Whole powers by products: a power function takes ten times as long. */
function raisedTo(power: number): (x: number) => number {
  if (power === 2) return x => x * x
  if (power === 3) return x => x * x * x
  if (power === 4) return x => (x * x) ** 2
  if (power === 5) return x => x * x * x * x * x
  return x => x ** power
}
