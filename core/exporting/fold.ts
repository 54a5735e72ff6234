/**
 * Batch norm folded into the convolution before it: y = γ(w∗x + b − μ)/√(σ² + ε) + β is a convolution with weights γw/√(σ² + ε). Fewer
 * operations, the same outputs up to rounding.
 */
import type { GraphNode, ParameterInfo } from '../graph/index.ts'
import { readersOf, weightOf, type Network, type Weight } from './network.ts'

/** A network without the batch norms that follow a convolution whose output nothing else reads. */
export function folded(network: Network): Network {
  const { graph } = network
  const byName = new Map(graph.nodes.map(node => [node.name, node]))
  const readers = readersOf(graph)
  const weights = new Map(network.weights)
  const absorbed = new Set<string>()
  const nodes = graph.nodes.map(node => {
    const conv = node.op === 'batch_norm' ? byName.get(node.inputs[0]!) : undefined
    if (conv?.op !== 'conv' || readers.get(conv.name) !== 1) return node
    absorbed.add(conv.name)
    for (const info of [...node.parameters, ...node.buffers]) weights.delete(info.name)
    const { weight, bias } = foldedWeights(network, conv, node)
    weights.set(`${conv.name}.weight`, weight).set(`${conv.name}.bias`, bias)
    return merged(conv, node, weights)
  })
  return { graph: { ...graph, nodes: nodes.filter(node => !absorbed.has(node.name)) }, weights }
}

/** The convolution in the place and under the name of the batch norm, so that its readers find it. */
function merged(conv: GraphNode, norm: GraphNode, weights: Map<string, Weight>): GraphNode {
  for (const suffix of ['weight', 'bias']) {
    weights.set(`${norm.name}.${suffix}`, weights.get(`${conv.name}.${suffix}`)!)
    weights.delete(`${conv.name}.${suffix}`)
  }
  const [weight] = conv.parameters
  const zeros = { kind: 'zeros' } as const
  const shape = [weight!.shape.at(-1)!]
  const parameters: ParameterInfo[] = [
    { ...weight!, name: `${norm.name}.weight` },
    { name: `${norm.name}.bias`, shape, kind: 'bias', initializer: zeros },
  ]
  const attributes = { ...conv.attributes, bias: true }
  return { ...conv, name: norm.name, attributes, parameters, buffers: [] }
}

function foldedWeights(
  network: Network,
  conv: GraphNode,
  norm: GraphNode,
): { readonly weight: Weight; readonly bias: Weight } {
  const kernel = weightOf(network, conv, 'weight')
  const channels = kernel.shape[0]!
  // In float64: the products are rounded once.
  const scales = (): Float64Array => {
    const { gamma, variance, epsilon } = statistics(network, norm)
    return Float64Array.from({ length: channels }, (_, c) => gamma(c) / Math.sqrt(variance[c]! + epsilon))
  }
  const weight = (): Float32Array => {
    const values = kernel.read()
    const perChannel = values.length / channels
    const scale = scales()
    return values.map((value, at) => value * scale[Math.floor(at / perChannel)]!)
  }
  const bias = (): Float32Array => {
    const scale = scales()
    const { beta, mean } = statistics(network, norm)
    const own = network.weights.get(`${conv.name}.bias`)?.read()
    return Float32Array.from(scale, (factor, c) => ((own?.[c] ?? 0) - mean[c]!) * factor + beta(c))
  }
  return { weight: { shape: kernel.shape, read: weight }, bias: { shape: [channels], read: bias } }
}

/** A batch norm may have no gamma or no beta, as Inception's in slim. */
function statistics(network: Network, norm: GraphNode) {
  const gamma = network.weights.get(`${norm.name}.weight`)?.read()
  const beta = network.weights.get(`${norm.name}.bias`)?.read()
  return {
    gamma: (channel: number): number => gamma?.[channel] ?? 1,
    beta: (channel: number): number => beta?.[channel] ?? 0,
    mean: weightOf(network, norm, 'running_mean').read(),
    variance: weightOf(network, norm, 'running_var').read(),
    epsilon: norm.attributes['epsilon'] as number,
  }
}
