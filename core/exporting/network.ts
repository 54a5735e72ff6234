/** What is exported: a graph with its weights, without what the wanted outputs do not need. */
import type { StoredTensor } from '../checkpoints/safetensors.ts'
import { torchShape } from '../checkpoints/torchLayout.ts'
import { AppError } from '../errors/index.ts'
import type { Graph, GraphNode } from '../graph/index.ts'

/** A parameter or buffer in torch's layout: convolutions [Cout,Cin,kh,kw], dense layers [out,in]. */
export interface Weight {
  readonly shape: readonly number[]
  /** Its float32 values; a view of the checkpoint's memory where that is possible. */
  read(): Float32Array
}

export interface Network {
  readonly graph: Graph
  /** By torchvision's names: `layer1.0.conv1.weight`. */
  readonly weights: ReadonlyMap<string, Weight>
}

/** Roles that can be exported, of which a network has those that its graph names. */
export const exportedRoles = ['logits', 'embedding'] as const
export type ExportedRole = (typeof exportedRoles)[number]

/**
 * The part of a graph that the outputs need, with its weights; loss parameters and auxiliary heads fall away.
 * @param roles outputs; undefined: logits and embedding, as far as the network has them
 * @throws AppError invalid-request for an output that it has not; checkpoint-mismatch naming the tensor that is missing or of
 * another shape.
 */
export function networkOf(
  graph: Graph,
  tensors: ReadonlyMap<string, StoredTensor>,
  roles?: readonly string[],
): Network {
  const chosen = roles ?? exportedRoles.filter(role => role in graph.outputs)
  const kept = pruned(graph, chosen)
  const weights = new Map<string, Weight>()
  for (const node of kept.nodes) {
    for (const info of node.parameters)
      weights.set(info.name, stored(info.name, torchShape(info), tensors.get(info.name)))
    for (const info of node.buffers)
      weights.set(info.name, stored(info.name, info.shape, tensors.get(info.name)))
  }
  return { graph: kept, weights }
}

/** @throws AppError invalid-request for an output that the graph has not. */
export function pruned(graph: Graph, roles: readonly string[]): Graph {
  const known = exportedRoles.filter(role => role in graph.outputs)
  const unknown = roles.find(role => !known.includes(role as ExportedRole))
  if (unknown !== undefined || roles.length === 0) {
    const message = `outputs: ${graph.name} has no output '${unknown ?? ''}'. Known: ${known.join(', ')}`
    throw new AppError('invalid-request', message, { field: 'outputs', value: roles, known })
  }
  const outputs = Object.fromEntries(roles.map(role => [role, graph.outputs[role]!]))
  const needed = new Set(Object.values(outputs))
  for (const node of graph.nodes.toReversed())
    if (needed.has(node.name)) for (const input of node.inputs) needed.add(input)
  // The images stay whatever happens: they are the first node.
  const nodes = graph.nodes.filter(node => node.op === 'input' || needed.has(node.name))
  return { name: graph.name, inputShape: graph.inputShape, nodes, outputs }
}

/** How many nodes and outputs read each value. */
export function readersOf(graph: Graph): ReadonlyMap<string, number> {
  const readers = new Map<string, number>()
  const read = [...graph.nodes.flatMap(node => node.inputs), ...Object.values(graph.outputs)]
  for (const name of read) readers.set(name, (readers.get(name) ?? 0) + 1)
  return readers
}

/** The weight of a node by the last part of its name. @throws AppError internal when the node has none. */
export function weightOf({ weights }: Network, node: GraphNode, suffix: string): Weight {
  const name = `${node.name}.${suffix}`
  const found = weights.get(name)
  if (found) return found
  throw new AppError('internal', `${node.op} '${node.name}' has no ${suffix}`, { node: node.name })
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

function stored(name: string, shape: readonly number[], tensor: StoredTensor | undefined): Weight {
  const got = tensor === undefined ? 'no such tensor' : `${tensor.dtype} [${tensor.shape.join(', ')}]`
  if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
    const message = `at ${name}: expected F32 [${shape.join(', ')}], got ${got}. Use a checkpoint of the same network`
    throw new AppError('checkpoint-mismatch', message, { parameter: name, expected: shape, got })
  }
  return { shape, read: () => floatsOf(tensor.bytes) }
}

/** A view where the bytes lie at a multiple of four, else a copy. */
function floatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.byteOffset % 4 === 0)
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return new Float32Array(new Uint8Array(bytes).buffer)
}
